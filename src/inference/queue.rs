//! Collects windows into batches of fixed shape, and bounds how much is under way.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::shapes::Shape;
use super::windows::Window;

/// One window on its way through the encoder.
pub(crate) struct Row {
    /// The number of its text, counted from 0 in input order.
    pub text: u64,
    /// The number of the window within its text.
    pub window: usize,
    /// Its tokens.
    pub tokens: Window,
    since: Instant,
}

impl Row {
    pub fn new(text: u64, window: usize, tokens: Window) -> Self {
        Self {
            text,
            window,
            tokens,
            since: Instant::now(),
        }
    }
}

/// Rows of one shape; at most as many as the shape holds.
pub(crate) struct Batch {
    pub shape: Shape,
    pub rows: Vec<Row>,
}

struct State {
    buckets: Vec<VecDeque<Row>>,
    in_flight: usize,
    /// More rows may come.
    open: bool,
    /// The feeder waits for room, so nobody will keep a part-filled batch company.
    feeder_waits: bool,
    /// The consumer has gone: everything ends.
    stopped: bool,
}

/// Where the feeder leaves rows and the encoders fetch batches.
///
/// An encoder is given the batch with the oldest row if that row has waited for `patience`, else a full batch, else,
/// if nothing more can join them, the batch with the oldest row.
pub(crate) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
    patience: Duration,
    capacity: usize,
}

impl Queue {
    /// `capacity` bounds the sum of the weights of the texts under way.
    pub fn new(patience: Duration, capacity: usize) -> Self {
        Self {
            state: Mutex::new(State {
                buckets: Shape::all().map(|_| VecDeque::new()).collect(),
                in_flight: 0,
                open: true,
                feeder_waits: false,
                stopped: false,
            }),
            changed: Condvar::new(),
            patience,
            capacity,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A thread that panicked while holding the lock takes the run down with it; until then the state is whole,
        // because nothing under the lock can panic half-way through a change.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(
        &self,
        state: MutexGuard<'a, State>,
        limit: Option<Duration>,
    ) -> MutexGuard<'a, State> {
        match limit {
            None => self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner),
            Some(limit) => {
                self.changed
                    .wait_timeout(state, limit)
                    .unwrap_or_else(PoisonError::into_inner)
                    .0
            }
        }
    }

    /// Waits until a text of this weight has room; a text heavier than the whole capacity goes alone. False: the
    /// consumer has gone.
    pub fn admit(&self, weight: usize) -> bool {
        let mut state = self.lock();
        while !state.stopped && state.in_flight > 0 && state.in_flight + weight > self.capacity {
            state.feeder_waits = true;
            self.changed.notify_all();
            state = self.wait(state, None);
        }
        state.feeder_waits = false;
        state.in_flight += weight;
        !state.stopped
    }

    /// Gives back the room of a text that has been delivered.
    pub fn release(&self, weight: usize) {
        self.lock().in_flight -= weight;
        self.changed.notify_all();
    }

    /// Adds the windows of one text.
    pub fn push(&self, rows: impl Iterator<Item = Row>) {
        let mut state = self.lock();
        for row in rows {
            state.buckets[Shape::index_for(row.tokens.ids.len())].push_back(row);
        }
        drop(state);
        self.changed.notify_all();
    }

    /// No more rows will come.
    pub fn close(&self) {
        self.lock().open = false;
        self.changed.notify_all();
    }

    /// Ends everything at once.
    pub fn stop(&self) {
        self.lock().stopped = true;
        self.changed.notify_all();
    }

    /// Whether [`Queue::stop`] was called.
    pub fn is_stopped(&self) -> bool {
        self.lock().stopped
    }

    /// The next batch to encode; waits for one. None: there will be no more.
    pub fn next_batch(&self) -> Option<Batch> {
        let mut state = self.lock();
        loop {
            if state.stopped {
                return None;
            }
            let oldest = state
                .buckets
                .iter()
                .enumerate()
                .filter_map(|(index, bucket)| {
                    bucket.front().map(|row| (row.since, row.text, index))
                })
                .min();
            // Overdue first, even in a part-filled batch: answers are given in order, and all wait for the oldest.
            // When much is under way its batch is nearly always full anyway.
            if let Some((since, _, index)) = oldest
                && since.elapsed() >= self.patience
            {
                return take(&mut state, index);
            }
            let full = Shape::all()
                .zip(&state.buckets)
                .enumerate()
                .filter(|(_, (shape, bucket))| bucket.len() >= shape.rows)
                .filter_map(|(index, (_, bucket))| Some((bucket.front()?.text, index)))
                .min();
            if let Some((_, index)) = full {
                return take(&mut state, index);
            }
            state = match oldest {
                None if !state.open => return None,
                None => self.wait(state, None),
                Some((_, _, index)) if !state.open || state.feeder_waits => {
                    return take(&mut state, index);
                }
                Some((since, ..)) => {
                    let left = self.patience.saturating_sub(since.elapsed());
                    self.wait(state, Some(left))
                }
            };
        }
    }
}

fn take(state: &mut State, index: usize) -> Option<Batch> {
    let shape = Shape::all().nth(index)?;
    let bucket = &mut state.buckets[index];
    let count = bucket.len().min(shape.rows);
    Some(Batch {
        shape,
        rows: bucket.drain(..count).collect(),
    })
}
