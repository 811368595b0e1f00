//! Operations on iterator objects. https://tc39.es/ecma262/#sec-operations-on-iterator-objects

use crate::context::Context;
use crate::heap::{Kind, object_flag};
use crate::native::Result;
use crate::object::Object;
use crate::realm::Intrinsic;
use crate::string::PropertyKey;
use crate::string::atoms::{key, symbol};
use crate::value::Value;

/// An Iterator Record. https://tc39.es/ecma262/#sec-iterator-records
#[derive(Clone, Copy, Debug)]
pub struct IteratorRecord {
    /// [[Iterator]]
    pub iterator: Object,
    /// [[NextMethod]]
    pub next: Value,
    /// [[Done]]
    pub done: bool,
}

/// Which kind of iterator GetIterator is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IteratorKind {
    /// `Symbol.iterator`
    Sync,
    /// `Symbol.asyncIterator`, or a synchronous one in a wrapper.
    Async,
}

/// Whether [`Context::iterate`] goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Flow {
    /// Next value.
    Continue,
    /// Close the iterator and stop.
    Break,
}

/// What a context found out about the built-in iteration of arrays: the slots that hold %Array.prototype%[%Symbol.iterator%] and
/// %ArrayIteratorPrototype%.next, and what they held. Good while generation and shape epoch stay.
#[derive(Clone, Copy)]
pub(crate) struct ArrayIteration {
    generation: u64,
    epoch: u32,
    realm: Value,
    iterator_at: u32,
    next_at: u32,
    values: Value,
    next: Value,
}

impl Default for ArrayIteration {
    fn default() -> ArrayIteration {
        let nothing = Value::UNDEFINED;
        ArrayIteration { generation: 0, epoch: 0, realm: nothing, iterator_at: 0, next_at: 0, values: nothing, next: nothing }
    }
}

impl Context {
    // 7.4.2 GetIteratorDirect ( obj ), https://tc39.es/ecma262/#sec-getiteratordirect
    /// Record of an object that is itself the iterator.
    pub fn get_iterator_direct(&mut self, iterator: Object) -> Result<IteratorRecord> {
        let next = self.get(iterator, key::next)?;
        Ok(IteratorRecord { iterator, next, done: false })
    }

    // 7.4.3 GetIteratorFromMethod ( obj, method ), https://tc39.es/ecma262/#sec-getiteratorfrommethod
    /// Calls the method that makes an iterator.
    pub fn get_iterator_from_method(&mut self, value: Value, method: Object) -> Result<IteratorRecord> {
        let iterator = self.call(method.value(), value, &[])?;
        match iterator.as_object() {
            Some(iterator) => self.get_iterator_direct(iterator),
            None => {
                let shown = self.display(iterator);
                Err(self.throw_type_error(&format!("Result of the Symbol.iterator method is not an object: {shown}")))
            }
        }
    }

    // 7.4.4 GetIterator ( obj, kind ), https://tc39.es/ecma262/#sec-getiterator
    /// An iterator over a value.
    pub fn get_iterator(&mut self, value: Value, kind: IteratorKind) -> Result<IteratorRecord> {
        if kind == IteratorKind::Async {
            if let Some(method) = self.get_iterator_method(value, symbol::async_iterator)? {
                return self.get_iterator_from_method(value, method);
            }
            let Some(method) = self.get_iterator_method(value, symbol::iterator)? else {
                let shown = self.display(value);
                return Err(self.throw_type_error(&format!("{shown} is not async iterable")));
            };
            let record = self.get_iterator_from_method(value, method)?;
            return crate::builtins::async_iterator::create_async_from_sync_iterator(self, record);
        }
        match self.get_iterator_method(value, symbol::iterator)? {
            Some(method) => self.get_iterator_from_method(value, method),
            None => Err(self.throw_not_iterable(value)),
        }
    }

    /// GetMethod for the iterator symbols: undefined and null have none, and get the message of things that are not iterable.
    fn get_iterator_method(&mut self, value: Value, symbol: PropertyKey) -> Result<Option<Object>> {
        if value.is_nullish() {
            return Err(self.throw_not_iterable(value));
        }
        let method = self.get_v(value, symbol)?;
        if method.is_nullish() {
            return Ok(None);
        }
        match method.as_object().filter(|method| method.is_callable(&self.heap)) {
            Some(method) => Ok(Some(method)),
            None => Err(self.throw_not_iterable(value)),
        }
    }

    #[cold]
    pub(crate) fn throw_not_iterable(&mut self, value: Value) -> crate::native::Thrown {
        let shown = if value.is_string() { format!("\"{}\"", self.display(value)) } else { self.display(value) };
        self.throw_type_error(&format!("{shown} is not iterable"))
    }

    // 7.4.6 IteratorNext ( iteratorRecord [ , value ] ), https://tc39.es/ecma262/#sec-iteratornext
    /// Calls `next`; the result is an object. An error marks the record as done.
    pub fn iterator_next(&mut self, record: &mut IteratorRecord, value: Option<Value>) -> Result<Object> {
        let result = match value {
            Some(value) => self.call(record.next, record.iterator.value(), &[value]),
            None => self.call(record.next, record.iterator.value(), &[]),
        };
        match result {
            Ok(result) => match result.as_object() {
                Some(object) => Ok(object),
                None => {
                    record.done = true;
                    let shown = self.display(result);
                    Err(self.throw_type_error(&format!("Iterator result {shown} is not an object")))
                }
            },
            Err(thrown) => {
                record.done = true;
                Err(thrown)
            }
        }
    }

    // 7.4.7 IteratorComplete ( iteratorResult ), https://tc39.es/ecma262/#sec-iteratorcomplete
    /// Whether an iterator result says that it was the last.
    pub fn iterator_complete(&mut self, result: Object) -> Result<bool> {
        let done = self.get_by_shape(result, key::done)?;
        Ok(self.to_boolean(done))
    }

    // 7.4.8 IteratorValue ( iteratorResult ), https://tc39.es/ecma262/#sec-iteratorvalue
    /// Value of an iterator result.
    pub fn iterator_value(&mut self, result: Object) -> Result<Value> {
        self.get_by_shape(result, key::value)
    }

    // 7.4.9 IteratorStep ( iteratorRecord ), https://tc39.es/ecma262/#sec-iteratorstep
    /// The next iterator result; `None` at the end. Errors mark the record as done.
    pub fn iterator_step(&mut self, record: &mut IteratorRecord) -> Result<Option<Object>> {
        let result = self.iterator_next(record, None)?;
        match self.iterator_complete(result) {
            Ok(false) => Ok(Some(result)),
            Ok(true) => {
                record.done = true;
                Ok(None)
            }
            Err(thrown) => {
                record.done = true;
                Err(thrown)
            }
        }
    }

    // 7.4.10 IteratorStepValue ( iteratorRecord ), https://tc39.es/ecma262/#sec-iteratorstepvalue
    /// The next value; `None` at the end. Errors mark the record as done.
    pub fn iterator_step_value(&mut self, record: &mut IteratorRecord) -> Result<Option<Value>> {
        // OPTIMIZATION: the result object of a built-in `next` is a plain new one that nobody else sees: it is not made.
        if let Some(step) = crate::builtins::iterator_helpers::step_builtin(self, record.iterator, record.next) {
            record.done = !matches!(step, Ok(Some(_)));
            return step;
        }
        let Some(result) = self.iterator_step(record)? else { return Ok(None) };
        match self.iterator_value(result) {
            Ok(value) => Ok(Some(value)),
            Err(thrown) => {
                record.done = true;
                Err(thrown)
            }
        }
    }

    // 7.4.11 IteratorClose ( iteratorRecord, completion ), https://tc39.es/ecma262/#sec-iteratorclose
    /// Calls `return`. A completion that is a throw wins over whatever happens here.
    pub fn iterator_close<T>(&mut self, record: &IteratorRecord, completion: Result<T>) -> Result<T> {
        let completion = match completion {
            Ok(value) => Ok(value),
            Err(thrown) => match self.take_exception() {
                Some(exception) => Err(exception),
                None => return Err(thrown),
            },
        };
        let inner = match self.get_method(record.iterator.value(), key::return_) {
            Ok(Some(method)) => self.call(method.value(), record.iterator.value(), &[]).map(Some),
            Ok(None) => Ok(None),
            Err(thrown) => Err(thrown),
        };
        match (completion, inner) {
            (Err(exception), Err(thrown)) => {
                // A termination is not to be caught.
                if self.take_exception().is_none() { Err(thrown) } else { Err(self.throw(exception)) }
            }
            (Err(exception), Ok(_)) => Err(self.throw(exception)),
            (Ok(_), Err(thrown)) => Err(thrown),
            (Ok(_), Ok(Some(result))) if !result.is_object() => {
                let shown = self.display(result);
                Err(self.throw_type_error(&format!("{shown} is not an object")))
            }
            (Ok(value), Ok(_)) => Ok(value),
        }
    }

    /// Whether iterating over `value` means reading its elements one by one up to `length`: an array whose `Symbol.iterator` and whose
    /// iterators' `next` are the built-in ones.
    #[inline]
    pub fn has_builtin_array_iteration(&mut self, value: Value) -> Option<Object> {
        let array = value.as_object().filter(|object| object.is(&self.heap, Kind::Array))?;
        let shape = array.shape(&self.heap);
        let prototype = self.intrinsic(Intrinsic::ArrayPrototype);
        // An array as literals make it has this prototype, and no properties with names.
        if shape != self.realm().array_shape(&self.heap)
            && (shape.prototype(&self.heap) != Some(prototype)
                || (shape.count(&self.heap) != 0 && shape.lookup(&self.heap, symbol::iterator).is_some()))
        {
            return None;
        }
        if self.knows_array_iteration() {
            let known = self.array_iteration;
            // Nothing but the values of the two properties can have changed.
            let is_builtin =
                self.heap.load::<Value>(known.iterator_at) == known.values && self.heap.load::<Value>(known.next_at) == known.next;
            return is_builtin.then_some(array);
        }
        self.find_array_iteration(array, prototype)
    }

    /// Whether it is known where the properties behind iteration over arrays are, and that array iterators have no `return`.
    #[inline]
    pub(crate) fn knows_array_iteration(&self) -> bool {
        let known = &self.array_iteration;
        self.is_current(known.generation) && known.epoch == self.heap.shape_epoch() && known.realm == self.realm().value()
    }

    #[inline(never)]
    fn find_array_iteration(&mut self, array: Object, prototype: Object) -> Option<Object> {
        let values = self.intrinsic(Intrinsic::ArrayPrototypeValues).value();
        if self.plain_data_property(prototype, symbol::iterator) != Some(values) {
            return None;
        }
        let iterators = self.intrinsic(Intrinsic::ArrayIteratorPrototype);
        let next = self.intrinsic(Intrinsic::ArrayIteratorNext).value();
        if self.plain_data_property(iterators, key::next) != Some(next) {
            return None;
        }
        // `return`, which closing would look for, must be nowhere.
        let mut holder = Some(iterators);
        let mut marked = prototype.has_flag(&self.heap, object_flag::PROTOTYPE);
        while let Some(object) = holder {
            marked &= object.has_flag(&self.heap, object_flag::PROTOTYPE);
            if object.is(&self.heap, Kind::Proxy) || object.shape(&self.heap).lookup(&self.heap, key::return_).is_some() {
                return None;
            }
            // From now on the epoch tells of structural changes.
            object.mark_as_prototype(&self.heap);
            holder = object.shape(&self.heap).prototype(&self.heap);
        }
        prototype.mark_as_prototype(&self.heap);
        let address = |holder: Object, name| {
            let property = holder.shape(&self.heap).lookup(&self.heap, name)?;
            Some(holder.slot_address(&self.heap, property.slot))
        };
        if let (Some(iterator_at), Some(next_at)) = (address(prototype, symbol::iterator), address(iterators, key::next)) {
            self.array_iteration = ArrayIteration {
                // A reset takes marks away that are made here.
                generation: if marked {
                    self.generation_of(&[iterator_at, next_at, values.offset(), next.offset(), self.realm().0.offset()])
                } else {
                    self.generation
                },
                epoch: self.heap.shape_epoch(),
                realm: self.realm().value(),
                iterator_at,
                next_at,
                values,
                next,
            };
        }
        Some(array)
    }

    /// Calls `each` with every value of an iterable. Closes the iterator when `each` fails or breaks.
    pub fn iterate(&mut self, iterable: Value, mut each: impl FnMut(&mut Context, Value) -> Result<Flow>) -> Result<()> {
        if let Some(array) = self.has_builtin_array_iteration(iterable) {
            // OPTIMIZATION: the built-in array iterator reads `length` and then the element before every step, and closing it does
            // nothing; all that is saved is the iterator and its results, which nobody else can see.
            let mut index = 0;
            while index < array.array_length(&self.heap) {
                self.spend_fuel(1)?;
                let value = match array.dense_element(&self.heap, index) {
                    Some(value) => value,
                    None => self.get(array, self.heap.number_key(u64::from(index)))?,
                };
                // `each` may have added a `return` method meanwhile, which closing must find.
                match each(self, value) {
                    Ok(Flow::Continue) => index += 1,
                    Ok(Flow::Break) => return self.close_builtin_array_iteration(array, Ok(())),
                    Err(thrown) => return self.close_builtin_array_iteration(array, Err(thrown)),
                }
            }
            return Ok(());
        }
        let mut record = self.get_iterator(iterable, IteratorKind::Sync)?;
        while let Some(value) = self.iterator_step_value(&mut record)? {
            match each(self, value) {
                Ok(Flow::Continue) => {}
                Ok(Flow::Break) => return self.iterator_close(&record, Ok(())),
                Err(thrown) => return self.iterator_close(&record, Err(thrown)),
            }
        }
        Ok(())
    }

    /// Closing for [`Context::iterate`]: nothing to do unless a `return` method has appeared on the built-in prototypes since.
    fn close_builtin_array_iteration(&mut self, array: Object, completion: Result<()>) -> Result<()> {
        if self.has_builtin_array_iteration(array.value()).is_some() {
            return completion;
        }
        if self.termination().is_some() {
            return completion;
        }
        let pending = std::mem::replace(&mut self.exception, Value::HOLE);
        let values = self.intrinsic(Intrinsic::ArrayPrototypeValues);
        let record = self.get_iterator_from_method(array.value(), values)?;
        self.exception = pending;
        self.iterator_close(&record, completion)
    }

    // 7.4.14 IteratorToList ( iteratorRecord ), https://tc39.es/ecma262/#sec-iteratortolist (with GetIterator before it)
    /// Every value of an iterable.
    pub fn iterator_to_list(&mut self, iterable: Value) -> Result<Vec<Value>> {
        let mut list = Vec::new();
        self.iterate(iterable, |_, value| {
            list.push(value);
            Ok(Flow::Continue)
        })?;
        Ok(list)
    }
}
