//! The choice between the GPU and the CPU. It is made once, here.
//!
//! [`Model`], [`Run`] and [`Copying`] delegate to the backend that was chosen.

mod run;

use std::ops::Range;
use std::rc::Rc;

use crate::checkpoint::{ByteSource, Checkpoint, Keys, load};
use crate::error::{Error, Result};
use crate::model::{Batch, MatrixId, ModelConfig, RowStats, VectorId, Work};
use crate::{cpu, gpu};

pub use crate::cpu::{Answer, LEAST_UNEMBEDDING, Order, Question, Share, Team};
pub use crate::gpu::{Candidate, CandidateTime, ChosenBy, Gpu, Products, Tune, Tuning, TuningOptions};
pub use run::Run;

/// The backend that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preference {
    /// The GPU if there is a real one, else the CPU.
    Auto,
    /// The GPU, even one that software emulates.
    WebGpu,
    /// The CPU.
    Cpu,
}

/// An opened backend.
#[derive(Debug)]
pub struct Backend {
    gpu: Option<Rc<Gpu>>,
    team: Option<Rc<dyn Team>>,
    reason: Option<String>,
}

/// A model on its backend.
#[derive(Debug)]
pub enum Model {
    /// On the GPU.
    Gpu(gpu::Model),
    /// On the CPU.
    Cpu(cpu::Model),
}

/// A copying experiment on its backend.
#[derive(Debug)]
pub enum Copying {
    /// On the GPU.
    Gpu(Box<gpu::Copying>),
    /// On the CPU.
    Cpu(cpu::Copying),
}

impl Backend {
    /// Opens a backend; `tuning` says how a GPU chooses between its kernels. `Auto` takes the CPU, and
    /// keeps the reason, when the GPU is missing or emulated.
    ///
    /// # Errors
    /// [`Error::GpuUnavailable`] with [`Preference::WebGpu`].
    pub async fn open(preference: Preference, tuning: TuningOptions) -> Result<Self> {
        let on_cpu = |reason| Backend { gpu: None, team: None, reason };
        if preference == Preference::Cpu {
            return Ok(on_cpu(None));
        }
        match Gpu::open().await.map(|gpu| gpu.with_tuning(tuning)) {
            Ok(gpu) if preference == Preference::Auto && gpu.is_software() => {
                let name = gpu.adapter_name();
                Ok(on_cpu(Some(format!(
                    "The only GPU here, {name}, is made of software and slower than the CPU."
                ))))
            }
            Ok(gpu) => Ok(Backend { gpu: Some(Rc::new(gpu)), team: None, reason: None }),
            Err(error) if preference == Preference::WebGpu => Err(error),
            Err(Error::GpuUnavailable { found }) => {
                Ok(on_cpu(Some(format!("No GPU can be used through WebGPU here: {found}."))))
            }
            Err(error) => Err(error),
        }
    }

    /// Gives it helpers. A large model that is loaded after it on the CPU divides its large matrices.
    pub fn with_team(mut self, team: Option<Rc<dyn Team>>) -> Self {
        self.team = team;
        self
    }

    /// The GPU, when it is the backend.
    pub fn gpu(&self) -> Option<&Gpu> {
        self.gpu.as_deref()
    }

    /// Why `Auto` took the CPU, in one sentence; nothing when the CPU was asked for.
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    /// Loads a model from an opened weights file, and says how its tensors match the configuration.
    ///
    /// # Errors
    /// The errors of [`load`]; [`Error::GpuLimit`], [`Error::GpuMemory`] or [`Error::GpuLost`] of the GPU.
    pub async fn load(
        &self,
        checkpoint: &Checkpoint<impl ByteSource>,
        config: &ModelConfig,
    ) -> Result<(Model, Keys)> {
        match &self.gpu {
            Some(gpu) => {
                let mut weights = gpu::Weights::new(gpu)?;
                let loading = async || load(checkpoint, config, &mut weights).await;
                let keys = gpu.checked("the model's weights", loading).await?;
                Ok((Model::Gpu(gpu::Model::new(gpu, config.clone(), weights).await?), keys))
            }
            None => {
                let [rows, columns] = MatrixId::Unembed.shape(config);
                let team = self.team.clone().filter(|team| team.divides(rows * columns));
                let mut weights = cpu::Weights::divided_between(team);
                let keys = load(checkpoint, config, &mut weights).await?;
                Ok((Model::Cpu(cpu::Model::new(config.clone(), weights)), keys))
            }
        }
    }
}

impl Model {
    /// Runs a batch. The rows that a single sequence shares with the beginning of `previous` are copied
    /// from it.
    ///
    /// # Errors
    /// [`Error::GpuLimit`], [`Error::GpuMemory`], [`Error::GpuLost`]; none on the CPU.
    pub async fn run(&self, batch: &Batch, previous: Option<&Run>) -> Result<Run> {
        match (self, previous) {
            (Model::Gpu(model), Some(Run::Gpu(previous))) => {
                model.run(batch, Some(&**previous)).await.map(Run::from)
            }
            (Model::Gpu(model), _) => model.run(batch, None).await.map(Run::from),
            (Model::Cpu(model), Some(Run::Cpu(previous))) => {
                Ok(Run::Cpu(Box::new(model.run(batch, Some(&**previous)).await)))
            }
            (Model::Cpu(model), _) => Ok(Run::Cpu(Box::new(model.run(batch, None).await))),
        }
    }

    /// What the backend has computed so far.
    pub fn work(&self) -> Work {
        match self {
            Model::Gpu(model) => model.work(),
            Model::Cpu(_) => cpu::work(),
        }
    }

    /// A matrix of weights, `[rows, columns]` with the padding.
    ///
    /// # Errors
    /// [`Error::GpuLimit`], [`Error::GpuLost`].
    pub async fn matrix(&self, id: MatrixId) -> Result<Vec<f32>> {
        match self {
            Model::Gpu(model) => model.matrix(id).await,
            Model::Cpu(model) => Ok(model.matrix(id).await),
        }
    }

    /// A vector of weights, with the padding. The model has it: not every model has every vector.
    ///
    /// # Errors
    /// [`Error::GpuLimit`], [`Error::GpuLost`].
    pub async fn vector(&self, id: VectorId) -> Result<Vec<f32>> {
        match self {
            Model::Gpu(model) => model.vector(id).await,
            Model::Cpu(model) => Ok(model.vector(id)),
        }
    }

    /// Statistics `[n_ctx, H]` of layer 0's patterns when its queries and keys see `W_pos` alone.
    ///
    /// # Errors
    /// [`Error::GpuLimit`], [`Error::GpuLost`].
    pub async fn position_stats(&self) -> Result<Vec<RowStats>> {
        match self {
            Model::Gpu(model) => model.position_stats().await,
            Model::Cpu(model) => Ok(model.position_stats().await),
        }
    }

    /// Starts the copying experiment, for `rows` rows of the vocabulary at a time, on the factors
    /// `values [D, K]` and `output [K, D]`.
    ///
    /// # Errors
    /// [`Error::GpuLimit`], [`Error::GpuMemory`].
    pub async fn copying(
        &self,
        rows: usize,
        width: usize,
        values: &[f32],
        output: &[f32],
    ) -> Result<Copying> {
        match self {
            Model::Gpu(model) => {
                let copying = model.copying(rows, width, values, output).await?;
                Ok(Copying::Gpu(Box::new(copying)))
            }
            Model::Cpu(model) => Ok(Copying::Cpu(model.copying(width, values, output))),
        }
    }
}

impl Copying {
    /// Makes these rows of `W_O W_U [K, V]`. [`at_least`](Self::at_least) needs all of them.
    ///
    /// # Errors
    /// [`Error::GpuLost`].
    pub async fn prepare(&self, rows: Range<usize>) -> Result<()> {
        match self {
            Copying::Gpu(copying) => copying.prepare(rows).await,
            Copying::Cpu(copying) => {
                copying.prepare(rows).await;
                Ok(())
            }
        }
    }

    /// Counts, for `rows` ids from `first` on, the other entries of the id's row that are at least as
    /// large as the entry on the diagonal.
    ///
    /// # Errors
    /// [`Error::GpuLost`].
    pub async fn at_least(&self, first: usize, rows: usize) -> Result<Vec<u32>> {
        match self {
            Copying::Gpu(copying) => copying.at_least(first, rows).await,
            Copying::Cpu(copying) => Ok(copying.at_least(first, rows).await),
        }
    }
}

/// Runs a batch with the first `on_cpu` operations of the program on the CPU and the others on the GPU.
/// Both hold the same model. The smallest `on_cpu` that gives right figures tells which kernel of the GPU
/// is wrong: the last operation that the CPU took over.
///
/// # Errors
/// As [`gpu::Model::run`].
pub async fn run_split(cpu: &cpu::Model, gpu: &gpu::Model, batch: &Batch, on_cpu: usize) -> Result<gpu::Run> {
    gpu.run_from(batch, on_cpu, &cpu.buffers_after(batch, on_cpu).await).await
}
