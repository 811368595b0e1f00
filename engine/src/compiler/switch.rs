//! The switch statement.

use mayfly_syntax::ast::{Expr, Switch};

use super::emitter::{Label, Reg};
use super::expressions::literal_number;
use super::state::{Compiler, as_int32};

/// Fewer cases than this are compared one by one.
const MIN_TABLE_CASES: usize = 4;
/// A jump table has at most this many entries per case.
const MAX_TABLE_WASTE: i64 = 4;

impl<'a> Compiler<'a, '_> {
    // 14.12 The switch Statement, https://tc39.es/ecma262/#sec-switch-statement
    pub(super) fn switch(&mut self, node: &'a Switch<'a>) {
        let labels = std::mem::take(&mut self.f.pending_labels);
        let tests: Vec<Expr<'a>> = node.cases.iter().filter_map(|case| case.test).collect();
        let discriminant = self.kept_operand(node.discriminant, &tests);
        self.reset_completion();
        self.f.pending_labels = labels;
        self.push_target(None, true);
        self.open_scope(node.scope);
        self.instantiate_functions(node.scope);
        let targets: Vec<Label> = node.cases.iter().map(|_| self.f.e.label()).collect();
        let end = self.label();
        let otherwise = node.cases.iter().position(|case| case.test.is_none()).map_or(end, |index| targets[index]);
        if !self.switch_table(node, discriminant, &targets) {
            for (case, &target) in node.cases.iter().zip(&targets) {
                if let Some(test) = case.test {
                    self.case_test(discriminant, test, target);
                }
            }
        }
        self.jump(otherwise);
        for (case, &target) in node.cases.iter().zip(&targets) {
            self.bind(target);
            self.statements(case.body);
        }
        self.bind(end);
        self.close_scope();
        self.pop_target();
    }

    /// Dense integer cases: one jump through a table.
    fn switch_table(&mut self, node: &Switch<'a>, discriminant: Reg, targets: &[Label]) -> bool {
        let mut values: Vec<(i32, Label)> = Vec::with_capacity(targets.len());
        for (case, &target) in node.cases.iter().zip(targets) {
            if let Some(test) = case.test {
                let Some(value) = literal_number(test).map(|value| if value == 0.0 { 0.0 } else { value }).and_then(as_int32) else {
                    return false;
                };
                values.push((value, target));
            }
        }
        let (Some(low), Some(high)) = (values.iter().map(|entry| entry.0).min(), values.iter().map(|entry| entry.0).max()) else {
            return false;
        };
        let range = i64::from(high) - i64::from(low) + 1;
        if values.len() < MIN_TABLE_CASES || range > values.len() as i64 * MAX_TABLE_WASTE {
            return false;
        }
        let mut table: Vec<Option<Label>> = vec![None; range as usize];
        for (value, target) in values {
            // Of equal cases the first is taken.
            table[(i64::from(value) - i64::from(low)) as usize].get_or_insert(target);
        }
        self.f.e.switch_int(discriminant, low, table);
        true
    }
}
