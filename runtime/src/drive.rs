//! Requests that are not done at once: one task each, which owns the instance until the reply and everything after it are done.
//!
//! The task goes round: run what can run, take the reply a step further, then wait for the first of: a timer, a piece of the request's
//! body, room in the connection, the client's departure, the deadline. When none of these can come any more, the request will never end,
//! and is ended.

use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Instant;

use http::{HeaderMap, Method, Response};
use mayfly_engine::builtins::promise;
use tokio::sync::oneshot;

use crate::at_once::{Rest, ask, read_ahead};
use crate::body::{ChunkWriter, Incoming, ReplyBody, chunks};
use crate::dispatcher::{Dispatcher, RequestInfo, Source, Taken, take_reply};
use crate::instance::{Instance, Progress, Stopped};
use crate::limits::Limit;
use crate::operations::Delivery;
use crate::platform::body_chunk;
use crate::report::ErrorReport;
use crate::roots;
use crate::scope::{self, HostRead};

/// Where a request's reply stands.
enum Phase {
    /// The handler has not answered.
    Handler,
    /// The body is being sent.
    Body(ChunkWriter, Source),
    /// The reply is complete, or nobody wants it: `waitUntil` is left.
    Tail,
}

/// What a task waited for.
enum Event {
    /// A timer may be due.
    Timer,
    /// The request took too long.
    Deadline,
    /// A piece of the request's body.
    Body(Incoming),
    /// A piece of the body that is passed on.
    Passed(Incoming),
    /// Something outside came to something.
    Delivery(Delivery),
    /// The connection has room again.
    Room,
    /// The client has gone.
    Gone,
    /// Nothing can happen any more.
    Never,
}

/// How a phase went on.
#[derive(PartialEq, Eq)]
enum Step {
    /// Run what can run, then look again.
    Again,
    /// Wait for something outside.
    Wait,
    /// The request is over.
    Over,
}

struct Task {
    dispatcher: Rc<Dispatcher>,
    /// `None` only after the end.
    instance: Option<Box<Instance>>,
    info: RequestInfo,
    head: Option<oneshot::Sender<Response<ReplyBody>>>,
    phase: Phase,
    /// The last thing waited for was a timer: it is the others' turn.
    timer_was_last: bool,
}

impl Drop for Task {
    fn drop(&mut self) {
        if let Some(instance) = self.instance.take() {
            self.dispatcher.pool().put(instance);
        }
        self.dispatcher.task_ended();
    }
}

/// Moves a request into a task of its own, which sends the head of the reply when it is known.
pub(crate) fn spawn(
    dispatcher: &Rc<Dispatcher>,
    instance: Box<Instance>,
    info: RequestInfo,
    taken: Taken,
) -> oneshot::Receiver<Response<ReplyBody>> {
    let (sender, receiver) = oneshot::channel();
    dispatcher.task_began();
    let mut task = Task {
        dispatcher: dispatcher.clone(),
        instance: Some(instance),
        info,
        head: Some(sender),
        phase: Phase::Handler,
        timer_was_last: false,
    };
    let go_on = task.deliver(taken) != Step::Over;
    if go_on {
        tokio::task::spawn_local(async move {
            if let Err(Stopped(limit)) = task.run().await {
                task.stop(limit);
            }
        });
    }
    receiver
}

/// Moves what is left of a request into a task of its own, when the head of its reply is on its way: the rest of a stream, which goes to
/// `writer`, and what `waitUntil` was given.
pub(crate) fn spawn_rest(dispatcher: &Rc<Dispatcher>, instance: Box<Instance>, info: RequestInfo, writer: Option<ChunkWriter>) {
    dispatcher.task_began();
    let phase = writer.map_or(Phase::Tail, |writer| Phase::Body(writer, Source::Reader(None)));
    let mut task = Task { dispatcher: dispatcher.clone(), instance: Some(instance), info, head: None, phase, timer_was_last: false };
    tokio::task::spawn_local(async move {
        if let Err(Stopped(limit)) = task.run().await {
            task.stop(limit);
        }
    });
}

/// Waits for what a run without a request has started, and gives the instance back. Limits that it ran into are logged.
pub(crate) async fn finish(dispatcher: &Rc<Dispatcher>, instance: Box<Instance>, info: RequestInfo) {
    dispatcher.task_began();
    let mut task =
        Task { dispatcher: dispatcher.clone(), instance: Some(instance), info, head: None, phase: Phase::Tail, timer_was_last: false };
    if let Err(Stopped(limit)) = task.run().await {
        task.stop(limit);
    }
}

/// Waits for what the listeners of an event of the worker's life have started, and gives the instance back.
pub(crate) async fn live(dispatcher: &Rc<Dispatcher>, instance: Box<Instance>, info: RequestInfo) -> Result<(), String> {
    dispatcher.task_began();
    let mut task =
        Task { dispatcher: dispatcher.clone(), instance: Some(instance), info, head: None, phase: Phase::Tail, timer_was_last: false };
    match task.run().await {
        Ok(()) => match task.instance.as_mut().and_then(|instance| instance.lifetime_failure()) {
            Some(failure) => Err(format!("Uncaught (in promise) {}", failure.text())),
            None => Ok(()),
        },
        Err(Stopped(limit)) => Err(limit.message(&dispatcher.worker().options.limits)),
    }
}

impl Task {
    /// Sends what there is of the reply.
    fn deliver(&mut self, taken: Taken) -> Step {
        let response = match taken {
            Taken::NotYet => return Step::Wait,
            Taken::Whole(ready) => {
                self.phase = Phase::Tail;
                ready.take()
            }
            Taken::Streamed(mut ready, source @ Source::Host(_)) => {
                let (writer, reader) = chunks(None);
                self.phase = Phase::Body(writer, source);
                *ready.get_mut().body_mut() = ReplyBody::Stream(reader);
                ready.take()
            }
            Taken::Streamed(ready, source @ Source::Reader(length)) => {
                let Some(instance) = self.instance.as_mut() else { return Step::Over };
                let (ready, rest) = read_ahead(instance, ready, length);
                self.send_head(ready.take());
                match rest {
                    Rest::Nothing => self.phase = Phase::Tail,
                    Rest::Stream(writer) => self.phase = Phase::Body(writer, source),
                    Rest::Failed(report) => return self.reply_failed(&report),
                    Rest::Stopped(limit) => {
                        self.stop(limit);
                        return Step::Over;
                    }
                }
                return Step::Again;
            }
            Taken::Failed(report) => {
                self.phase = Phase::Tail;
                self.dispatcher.failure_reply(&self.info, &report)
            }
            Taken::Stopped(limit) => {
                self.stop(limit);
                return Step::Over;
            }
        };
        self.send_head(response);
        Step::Again
    }

    fn send_head(&mut self, response: Response<ReplyBody>) {
        if let Some(head) = self.head.take() {
            // A client that has gone is noticed where the body is written.
            let _ = head.send(response);
        }
    }

    /// A limit ended the request: an error reply if none was begun, or else the connection is cut.
    fn stop(&mut self, limit: Limit) {
        if self.head.is_some() {
            let response = self.dispatcher.limit_reply(&self.info, limit);
            self.send_head(response);
        } else {
            self.dispatcher.log_limit(&self.info, limit);
        }
        self.phase = Phase::Tail;
    }

    fn instance(&mut self) -> Result<&mut Instance, Stopped> {
        self.instance.as_deref_mut().ok_or(Stopped(Limit::Wall))
    }

    async fn run(&mut self) -> Result<(), Stopped> {
        loop {
            if self.instance()?.advance()? == Progress::Yield {
                // The others' turn.
                tokio::task::yield_now().await;
                continue;
            }
            match self.step()? {
                Step::Again => continue,
                Step::Over => return Ok(()),
                Step::Wait => {}
            }
            let event = self.wait().await;
            self.instance()?.state.tick();
            match event {
                Event::Timer => {
                    self.instance()?.fire_timer(Instant::now())?;
                }
                Event::Deadline => return Err(Stopped(Limit::Wall)),
                Event::Never => return Err(Stopped(Limit::NeverSettles)),
                Event::Body(incoming) => self.receive(incoming)?,
                Event::Passed(incoming) => self.pass_on(incoming)?,
                Event::Delivery(deliver) => self.deliver_outcome(deliver)?,
                Event::Room => {}
                Event::Gone => self.client_gone()?,
            }
        }
    }

    /// Takes the reply a step further. Nothing is suspended and no job is left.
    fn step(&mut self) -> Result<Step, Stopped> {
        match &self.phase {
            Phase::Handler => {
                let is_head = self.info.method == Method::HEAD;
                let taken = take_reply(self.instance()?, is_head, &mut HeaderMap::new());
                if let Taken::Stopped(limit) = taken {
                    return Err(Stopped(limit));
                }
                Ok(self.deliver(taken))
            }
            Phase::Body(_, Source::Reader(_)) => self.pump(),
            Phase::Body(writer, Source::Host(_)) => {
                if writer.is_closed() {
                    self.phase = Phase::Tail;
                    return Ok(Step::Again);
                }
                Ok(Step::Wait)
            }
            Phase::Tail => Ok(if self.instance()?.has_pending_lifetime() { Step::Wait } else { Step::Over }),
        }
    }

    /// Asks for a chunk, unless one is asked for: the first, and those after the connection had no room. All others are asked for by jobs.
    fn pump(&mut self) -> Result<Step, Stopped> {
        let Some(instance) = self.instance.as_mut() else { return Ok(Step::Over) };
        let Phase::Body(writer, _) = &self.phase else { return Ok(Step::Again) };
        if writer.is_closed() {
            self.client_gone()?;
            return Ok(Step::Again);
        }
        let read = instance.cx.embedder_root(roots::CHUNK);
        match scope::host_read_state(&instance.cx, read) {
            HostRead::Idle => {}
            HostRead::Pending => return Ok(Step::Wait),
            HostRead::Closed => {
                if let Phase::Body(writer, _) = std::mem::replace(&mut self.phase, Phase::Tail) {
                    writer.finish();
                }
                return Ok(Step::Again);
            }
            HostRead::Failed(reason) => {
                let report = instance.report(reason);
                return Ok(self.reply_failed(&report));
            }
        }
        if writer.is_full() {
            return Ok(Step::Wait);
        }
        if let Err(report) = ask(instance)? {
            return Ok(self.reply_failed(&report));
        }
        Ok(Step::Again)
    }

    /// The reply's stream failed: the writer is dropped unfinished, and the connection is cut.
    fn reply_failed(&mut self, report: &ErrorReport) -> Step {
        self.dispatcher.log_stream_failure(&self.info, report);
        self.phase = Phase::Tail;
        Step::Again
    }

    /// A piece of the body that is passed on as the reply's has come.
    fn pass_on(&mut self, incoming: Incoming) -> Result<(), Stopped> {
        let Phase::Body(writer, _) = &self.phase else { return Ok(()) };
        match incoming {
            Incoming::Bytes(bytes) => writer.push(bytes),
            Incoming::End => {
                if let Phase::Body(writer, _) = std::mem::replace(&mut self.phase, Phase::Tail) {
                    writer.finish();
                }
            }
            Incoming::TooLong => return Err(Stopped(Limit::Body)),
            // The writer is dropped unfinished: the connection is cut.
            Incoming::Failed(why) => {
                let worker = &*self.dispatcher.worker().name;
                tracing::error!(worker, method = %self.info.method, path = self.info.path, "the body that is passed on failed: {why}");
                self.phase = Phase::Tail;
            }
        }
        Ok(())
    }

    /// Hands what an operation came to to the worker scope.
    fn deliver_outcome(&mut self, deliver: Delivery) -> Result<(), Stopped> {
        let Some(instance) = self.instance.as_mut() else { return Ok(()) };
        if instance.state.net.serves_socket() {
            instance.state.begin_turn();
        }
        if let Err(report) = instance.run(deliver)? {
            tracing::error!(worker = &*self.dispatcher.worker().name, "an operation's outcome could not be delivered: {}", report.text());
        }
        Ok(())
    }

    /// A piece of the request's body has come.
    fn receive(&mut self, incoming: Incoming) -> Result<(), Stopped> {
        let too_long = incoming == Incoming::TooLong;
        let Some(instance) = self.instance.as_mut() else { return Ok(()) };
        let Some(waiter) = instance.state.body_waiter.take() else { return Ok(()) };
        if too_long && self.head.is_some() {
            return Err(Stopped(Limit::Body));
        }
        let chunk = body_chunk(&instance.state, incoming);
        if let Err(report) = instance.run(|cx| scope::deliver_body(cx, waiter, chunk))? {
            tracing::error!(worker = &*self.dispatcher.worker().name, "the request's body could not be delivered: {}", report.text());
        }
        Ok(())
    }

    /// Nobody waits for the reply any more: its stream is cancelled, and what `waitUntil` was given goes on.
    fn client_gone(&mut self) -> Result<(), Stopped> {
        self.head = None;
        let was = std::mem::replace(&mut self.phase, Phase::Tail);
        if let Phase::Body(_, Source::Reader(_)) = was {
            let Some(instance) = self.instance.as_mut() else { return Ok(()) };
            let cancelled = instance.run(|cx| {
                let Some(reader) = cx.embedder_root(roots::READER).as_object() else { return Ok(()) };
                let reason = cx.new_error(mayfly_engine::ErrorKind::Error, "The client closed the connection");
                let done = scope::cancel_reader(cx, reader, reason.value())?;
                promise::mark_handled(cx, done);
                Ok(())
            })?;
            if let Err(report) = cancelled {
                tracing::error!(worker = &*self.dispatcher.worker().name, "cancelling the reply's stream failed: {}", report.text());
            }
        }
        Ok(())
    }

    /// Waits for the next event.
    async fn wait(&mut self) -> Event {
        let Some(instance) = self.instance.as_mut() else { return Event::Never };
        let state = instance.state.clone();
        let deadline = state.deadline();
        let due = state.timers.borrow_mut().next_due();
        let passed_on = if let Phase::Body(_, Source::Host(number)) = &self.phase { Some(*number) } else { None };
        let wants_body = state.body_waiter.get().is_some();
        let wants_room = matches!(&self.phase, Phase::Body(writer, _) if writer.is_full());
        if due.is_none() && !wants_body && !wants_room && passed_on.is_none() && state.operations.is_empty() {
            return Event::Never;
        }
        let now = Instant::now();
        if due.is_some_and(|due| due <= now) && now < deadline && !std::mem::replace(&mut self.timer_was_last, true) {
            return Event::Timer;
        }
        self.timer_was_last = false;
        let until = due.map_or(deadline, |due| due.min(deadline));
        let mut sleep = pin!(tokio::time::sleep_until(until.into()));
        let (head, phase) = (&mut self.head, &self.phase);
        poll_fn(|cx: &mut Context<'_>| {
            if let Some(head) = head.as_mut()
                && head.poll_closed(cx).is_ready()
            {
                return Poll::Ready(Event::Gone);
            }
            if let Phase::Body(writer, _) = phase {
                if writer.poll_closed(cx).is_ready() {
                    return Poll::Ready(Event::Gone);
                }
                if wants_room && writer.poll_room(cx).is_ready() {
                    return Poll::Ready(Event::Room);
                }
            }
            if wants_body && let Poll::Ready(incoming) = state.poll_body(0, cx) {
                return Poll::Ready(Event::Body(incoming));
            }
            if let Some(number) = passed_on.filter(|_| !wants_room)
                && let Poll::Ready(incoming) = state.poll_body(number, cx)
            {
                return Poll::Ready(Event::Passed(incoming));
            }
            if let Poll::Ready(delivery) = state.operations.poll_next(cx) {
                return Poll::Ready(Event::Delivery(delivery));
            }
            if sleep.as_mut().poll(cx).is_ready() {
                return Poll::Ready(if Instant::now() >= deadline { Event::Deadline } else { Event::Timer });
            }
            Poll::Pending
        })
        .await
    }
}
