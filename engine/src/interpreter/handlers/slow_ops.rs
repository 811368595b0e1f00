//! Opcodes without a fast path of their own.

use super::{frame_handler, handler, slow_handler};
use crate::interpreter::{generators, slow};

slow_handler!(CopyEnv => slow::objects::copy_env);
slow_handler!(NewWithEnv => slow::objects::new_with_env);
slow_handler!(GetImport => slow::names::get_import);
slow_handler!(ThrowError => slow::names::throw_error);
slow_handler!(ThrowConstAssign => slow::names::throw_const_assign);
slow_handler!(GlobalInstantiate => slow::names::global_instantiate);
slow_handler!(EvalInstantiate => slow::names::eval_instantiate);
slow_handler!(DefineGlobalFunction => slow::names::define_global_function);
slow_handler!(DefineEvalVar => slow::names::define_eval_var);
slow_handler!(InitGlobalLexical => slow::names::init_global_lexical);
slow_handler!(GetName => slow::names::get_name);
slow_handler!(GetNameForCall => slow::names::get_name_for_call);
slow_handler!(ResolveName => slow::names::resolve_name);
slow_handler!(GetResolved => slow::names::get_resolved);
slow_handler!(SetResolved => slow::names::set_resolved);
slow_handler!(DeleteName => slow::names::delete_name);

slow_handler!(DeleteField => slow::property::delete_field);
slow_handler!(DeleteElem => slow::property::delete_elem);
slow_handler!(GetSuperBase => slow::property::get_super_base);
slow_handler!(GetWithReceiver => slow::property::get_with_receiver);
slow_handler!(SetWithReceiver => slow::property::set_with_receiver);
slow_handler!(DefineElem => slow::property::define_elem);
slow_handler!(HasPrivate => slow::classes::has_private);
slow_handler!(NewPrivateName => slow::classes::new_private_name);
slow_handler!(DefineMethod => slow::classes::define_method);
slow_handler!(SetHome => slow::functions::set_home);
slow_handler!(SetFunctionName => slow::functions::set_function_name);
slow_handler!(SetProto => slow::objects::set_proto);
slow_handler!(CopyDataProperties => slow::objects::copy_data_properties);
slow_handler!(ArrayPushHole => slow::objects::array_push_hole);
slow_handler!(SpreadList => slow::objects::spread_list);
slow_handler!(ArraySpread => slow::objects::array_spread);
slow_handler!(NewRegExp => slow::objects::new_regexp);
slow_handler!(TemplateObject => slow::objects::template_object);

slow_handler!(GetSuperConstructor => slow::functions::get_super_constructor);
slow_handler!(NewClass => slow::classes::new_class);
slow_handler!(SetFieldInitialiser => slow::classes::set_field_initialiser);
frame_handler!(RunFieldInitialiser => slow::classes::run_field_initialiser);
slow_handler!(CoerceThis => slow::functions::coerce_this);
slow_handler!(CreateArguments => slow::functions::create_arguments);
slow_handler!(CreateMappedArguments => slow::functions::create_mapped_arguments);
slow_handler!(ToPropertyKey => slow::arithmetic::to_property_key);
slow_handler!(Concat => slow::arithmetic::concat);

slow_handler!(GetIterator => slow::iteration::get_iterator);
slow_handler!(IterRest => slow::iteration::iter_rest);
slow_handler!(IterClose => slow::iteration::iter_close);
slow_handler!(IterCallNext => slow::iteration::iter_call_next);
slow_handler!(IterGetMethod => slow::iteration::iter_get_method);
slow_handler!(ThrowIfNotObject => slow::iteration::throw_if_not_object);
slow_handler!(ForInStart => slow::iteration::for_in_start);
frame_handler!(ForInNext => slow::iteration::for_in_next);
slow_handler!(RequireObjectCoercible => slow::iteration::require_object_coercible);

handler!(Throw(pc, regs, cx, base, ic) {
    crate::interpreter::dispatch::save!(pc, regs, cx, base, ic);
    let value = super::get(regs, (*pc).a);
    let _ = (*cx).throw(value);
    super::unwind(pc, regs, cx, base, ic)
});

slow_handler!(AsyncStart => generators::async_start);
slow_handler!(ImportCall => slow::functions::import_call);
slow_handler!(ImportMeta => slow::functions::import_meta);
slow_handler!(NewDisposables => slow::iteration::new_disposables);
slow_handler!(AddDisposable => slow::iteration::add_disposable);
frame_handler!(DisposeStep => slow::iteration::dispose_step);
slow_handler!(DisposeError => slow::iteration::dispose_error);
slow_handler!(Debugger => slow::functions::debugger);
