//! Helpers in workers of their own, and what such a worker runs.

use std::fmt;

use js_sys::{Array, Float32Array, Uint8Array, Uint32Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::checkpoint::{Block, WeightDtype};
use crate::session::{Answer, LEAST_UNEMBEDDING, Order, Question, Share, Team};

#[wasm_bindgen]
extern "C" {
    /// The helpers of www/engine/team.js.
    pub type Helpers;

    #[wasm_bindgen(method, getter)]
    fn count(this: &Helpers) -> usize;

    /// Whether the caller chose their number.
    #[wasm_bindgen(method, getter)]
    fn chosen(this: &Helpers) -> bool;

    /// Calls a method of [`Helper`], without an answer.
    #[wasm_bindgen(method)]
    fn tell(this: &Helpers, helper: usize, method: &str, arguments: Array);

    /// Calls a method of [`Helper`].
    #[wasm_bindgen(method)]
    fn ask(this: &Helpers, helper: usize, method: &str, arguments: Array) -> js_sys::Promise;
}

/// The engine's side.
pub struct Workers(pub Helpers);

impl fmt::Debug for Workers {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Workers").field(&self.0.count()).finish()
    }
}

impl Team for Workers {
    fn helpers(&self) -> usize {
        self.0.count()
    }

    fn divides(&self, unembedding: usize) -> bool {
        self.0.chosen() || unembedding >= LEAST_UNEMBEDDING
    }

    fn tell(&self, helper: usize, order: Order) {
        let (method, arguments) = match order {
            Order::Begin { matrix, rows, columns, dtype } => {
                let kind = DTYPES.iter().position(|&known| known == dtype).unwrap_or_default();
                ("begin", numbers(&[matrix as usize, rows, columns, kind]))
            }
            Order::Write { matrix, block: Block { rows, columns }, bytes } => {
                let block = [matrix as usize, rows.start, rows.end, columns.start, columns.end];
                let arguments = numbers(&block);
                arguments.push(&Uint8Array::from(&bytes[..]));
                ("write", arguments)
            }
            Order::Free { matrix } => ("forget", numbers(&[matrix as usize])),
        };
        self.0.tell(helper, method, arguments);
    }

    fn ask(&self, helper: usize, question: Question) -> Answer {
        let (method, arguments) = match question {
            Question::Product { matrix, x, x_pos, positioned } => {
                let arguments = numbers(&[matrix as usize, positioned]);
                arguments.push(&floats(&x));
                arguments.push(&floats(&x_pos));
                ("product", arguments)
            }
            Question::LogSumExp { matrix, x, bias, targets } => {
                let arguments = numbers(&[matrix as usize]);
                arguments.push(&floats(&x));
                arguments.push(&floats(&bias));
                arguments.push(&Uint32Array::from(&targets[..]));
                ("log_sum_exp", arguments)
            }
            Question::Whole { matrix } => ("whole", numbers(&[matrix as usize])),
            Question::Columns { matrix, columns } => {
                let arguments = numbers(&[matrix as usize]);
                arguments.push(&Uint32Array::from(&columns[..]));
                ("columns", arguments)
            }
        };
        let answer = JsFuture::from(self.0.ask(helper, method, arguments));
        Box::pin(async move {
            match answer.await {
                Ok(values) => values.unchecked_into::<Float32Array>().to_vec(),
                // team.js ends this worker with the helper, and its promise never rejects.
                Err(error) => wasm_bindgen::throw_val(error),
            }
        })
    }
}

/// The types of weights, by the number that a message has for them.
const DTYPES: [WeightDtype; 3] = [WeightDtype::F16, WeightDtype::Bf16, WeightDtype::F32];

fn numbers(values: &[usize]) -> Array {
    values.iter().map(|&value| JsValue::from_f64(value as f64)).collect()
}

/// A copy of its own, which a message may take away.
fn floats(values: &[f32]) -> JsValue {
    Float32Array::from(values).into()
}

/// The compiled wasm. A helper makes its own instance of it, and compiles nothing.
#[wasm_bindgen]
pub fn compiled() -> JsValue {
    wasm_bindgen::module()
}

/// What a helper's worker runs: columns of matrices, by the engine's numbers for them.
#[wasm_bindgen]
#[derive(Default)]
pub struct Helper {
    share: Share,
}

#[wasm_bindgen]
impl Helper {
    /// A helper without columns.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Helper {
        super::tell_panics();
        Helper::default()
    }

    /// Makes room for columns of a matrix.
    pub fn begin(&mut self, matrix: u32, rows: usize, columns: usize, kind: usize) {
        self.share.follow(Order::Begin { matrix, rows, columns, dtype: DTYPES[kind] });
    }

    /// Takes a block's elements.
    pub fn write(
        &mut self,
        matrix: u32,
        first_row: usize,
        end_row: usize,
        first_column: usize,
        end_column: usize,
        bytes: Vec<u8>,
    ) {
        let block = Block { rows: first_row..end_row, columns: first_column..end_column };
        self.share.follow(Order::Write { matrix, block, bytes });
    }

    /// Forgets a matrix.
    pub fn forget(&mut self, matrix: u32) {
        self.share.follow(Order::Free { matrix });
    }

    /// The product of rows and columns.
    pub fn product(&self, matrix: u32, positioned: usize, x: Vec<f32>, x_pos: Vec<f32>) -> Float32Array {
        self.answer(&Question::Product { matrix, x, x_pos, positioned })
    }

    /// What the columns tell of each row's log-sum-exp.
    pub fn log_sum_exp(&self, matrix: u32, x: Vec<f32>, bias: Vec<f32>, targets: Vec<u32>) -> Float32Array {
        self.answer(&Question::LogSumExp { matrix, x, bias, targets })
    }

    /// All columns, widened.
    pub fn whole(&self, matrix: u32) -> Float32Array {
        self.answer(&Question::Whole { matrix })
    }

    /// Some columns, widened.
    pub fn columns(&self, matrix: u32, columns: Vec<u32>) -> Float32Array {
        self.answer(&Question::Columns { matrix, columns })
    }

    fn answer(&self, question: &Question) -> Float32Array {
        Float32Array::from(&self.share.answer(question)[..])
    }
}
