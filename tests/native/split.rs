//! A pass split between the backends: the first operations on the CPU, the others on the GPU. This names
//! the kernel that goes astray.

use crate::model_kinds::{ids_of, kinds};
use crate::support::reference::Reference;
use crate::support::{FIXTURES, Fixture, assert_close, cpu_model, gpu_model, open_gpu, tolerance};
use headscope::backend::run_split;
use headscope::checkpoint::{Block, WeightDtype, WeightSink};
use headscope::error::Result;
use headscope::gpu;
use headscope::model::{Batch, MatrixId, ModelConfig, NormAt, Operation, Program, Readout, VectorId};
use headscope::{cpu, gpu::Gpu};
use pollster::block_on;
use std::rc::Rc;

/// Passes weights on, but one matrix or vector with its sign changed.
struct Damaged<'a> {
    weights: &'a mut gpu::Weights,
    matrix: Option<MatrixId>,
    vector: Option<VectorId>,
}

impl WeightSink for Damaged<'_> {
    fn begin_matrix(&mut self, id: MatrixId, rows: usize, columns: usize, dtype: WeightDtype) -> Result<()> {
        self.weights.begin_matrix(id, rows, columns, dtype)
    }

    fn write(&mut self, id: MatrixId, block: Block, bytes: &[u8]) -> Result<()> {
        let mut bytes = bytes.to_vec();
        if self.matrix == Some(id) {
            // The highest bit of every f32, little-endian.
            bytes.iter_mut().skip(3).step_by(4).for_each(|byte| *byte ^= 0x80);
        }
        self.weights.write(id, block, &bytes)
    }

    fn vector(&mut self, id: VectorId, values: &[f32]) -> Result<()> {
        let sign = if self.vector == Some(id) { -1.0 } else { 1.0 };
        self.weights.vector(id, &values.iter().map(|value| sign * value).collect::<Vec<_>>())
    }
}

/// A model on both backends, and a text.
struct Split {
    config: ModelConfig,
    cpu: cpu::Model,
    gpu: gpu::Model,
    batch: Batch,
}

impl Split {
    /// A fixture's model, of which the GPU's has a damaged matrix or vector.
    fn damaged(gpu: &Rc<Gpu>, fixture: &Fixture, matrix: Option<MatrixId>, vector: Option<VectorId>) -> Self {
        let mut weights = gpu::Weights::new(gpu).expect("room");
        fixture.load_into(&mut Damaged { weights: &mut weights, matrix, vector });
        let model = block_on(gpu::Model::new(gpu, fixture.config.clone(), weights)).expect("a model");
        Split { gpu: model, ..Split::healthy(gpu, fixture) }
    }

    fn healthy(gpu: &Rc<Gpu>, fixture: &Fixture) -> Self {
        let (config, batch) = (fixture.config.clone(), fixture.batch(fixture.tokens()));
        Split { config, cpu: cpu_model(fixture), gpu: gpu_model(gpu, fixture), batch }
    }

    /// A reference's model, and a text of random ids.
    fn of_reference(gpu: &Rc<Gpu>, reference: &Reference, ids: Vec<u32>) -> Self {
        let config = reference.config.clone();
        let (mut of_cpu, mut of_gpu) = (cpu::Weights::default(), gpu::Weights::new(gpu).expect("room"));
        for sink in [&mut of_cpu as &mut dyn WeightSink, &mut of_gpu] {
            reference.load_into(sink, WeightDtype::Bf16);
        }
        Split {
            batch: Batch::one(&config, ids).expect("a batch"),
            cpu: cpu::Model::new(config.clone(), of_cpu),
            gpu: block_on(gpu::Model::new(gpu, config.clone(), of_gpu)).expect("a model"),
            config,
        }
    }

    fn operations(&self) -> Vec<Operation> {
        Program::of(&self.config).operations().to_vec()
    }

    fn on_cpu(&self, count: usize) -> gpu::Run {
        block_on(run_split(&self.cpu, &self.gpu, &self.batch, count)).expect("a run")
    }

    /// The largest difference between the figures of a split run and those of the CPU.
    fn error(&self, count: usize) -> f32 {
        let expected = block_on(self.cpu.run(&self.batch, None));
        let run = self.on_cpu(count);
        let figures = |readout: &Readout| -> Vec<f32> {
            let stats: &[f32] = bytemuck::cast_slice(&readout.stats);
            stats.iter().chain(&readout.log_probs).chain(&readout.offsets).copied().collect()
        };
        let (found, expected) = (figures(run.readout()), figures(expected.readout()));
        assert_eq!(found.len(), expected.len());
        found.iter().zip(&expected).map(|(found, expected)| (found - expected).abs()).fold(0.0, f32::max)
    }

    /// Compares the figures of the run split at every point with those of the CPU.
    fn check_everywhere(&self, name: &str) {
        let expected = block_on(self.cpu.run(&self.batch, None));
        for count in 0..=self.operations().len() {
            let run = self.on_cpu(count);
            let what = format!("{name}, {count} operations on the CPU");
            let (found, right) = (run.readout(), expected.readout());
            let shape = [found.log_probs.len()];
            let tolerance = tolerance::FORWARD;
            let log_probs = format!("log_probs, {what}");
            assert_close(&log_probs, &shape, &found.log_probs, &right.log_probs, tolerance);
            let weights = |readout: &Readout| -> Vec<f32> {
                readout.stats.iter().flat_map(|it| [it.top, it.current, it.induction]).collect()
            };
            let (weights, right_weights) = (weights(found), weights(right));
            let shape = [weights.len()];
            assert_close(&format!("stats, {what}"), &shape, &weights, &right_weights, tolerance);
            let shape = [found.offsets.len()];
            assert_close(&format!("offsets, {what}"), &shape, &found.offsets, &right.offsets, tolerance);
        }
    }

    /// The operation that goes astray on the GPU, found by halving; `None` when all figures are right.
    fn astray(&self) -> Option<Operation> {
        let operations = self.operations();
        let right = |count| self.error(count) <= 2.0 * tolerance::FORWARD;
        if right(0) {
            return None;
        }
        // Wrong with `wrong` operations on the CPU, right with `all`.
        let (mut wrong, mut all) = (0, operations.len());
        assert!(right(all), "the CPU's own figures come back from the GPU");
        while all - wrong > 1 {
            let middle = wrong.midpoint(all);
            if right(middle) {
                all = middle;
            } else {
                wrong = middle;
            }
        }
        Some(operations[wrong])
    }
}

#[test]
fn a_healthy_model_gives_the_same_figures_wherever_it_is_split() {
    let gpu = open_gpu();
    for name in FIXTURES {
        let fixture = Fixture::open(name);
        let split = Split::healthy(&gpu, &fixture);
        split.check_everywhere(name);
        assert_eq!(split.astray(), None, "{name}");
    }
}

#[test]
fn a_model_of_every_kind_gives_the_same_figures_wherever_it_is_split() {
    let gpu = open_gpu();
    for (name, config, biases) in kinds() {
        let reference = Reference::new(config, biases, 5);
        let split = Split::of_reference(&gpu, &reference, ids_of(&reference.config, 33));
        split.check_everywhere(name);
    }
}

#[test]
fn the_kernel_that_goes_astray_is_named() {
    let gpu = open_gpu();
    for (name, matrix, vector, operation) in [
        ("planted_f32", Some(MatrixId::Output(1)), None, Operation::Output(1)),
        ("planted_f32", Some(MatrixId::Qkv(0)), None, Operation::Qkv(0)),
        ("planted_f32", Some(MatrixId::Embed), None, Operation::Embed),
        ("planted_f32", Some(MatrixId::Unembed), None, Operation::LogProbs),
        ("random_3layer_ln_standard", Some(MatrixId::Output(1)), None, Operation::Output(1)),
        ("random_3layer_ln_standard", None, Some(VectorId::Ln1Weight(2)), Operation::Norm(NormAt::Layer(2))),
    ] {
        let fixture = Fixture::open(name);
        let split = Split::damaged(&gpu, &fixture, matrix, vector);
        assert_eq!(split.astray(), Some(operation), "{name}");
    }
}
