//! A compiled entry point, and a step of a command buffer that runs it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::activations::Activations;
use super::device::{Gpu, RowTiles};
use super::scratch::Scratch;
use super::tensor::{Tensor, Usage};
use super::weights::Weights;
use crate::error::{Error, Result};
use crate::model::{Dims, ModelConfig};

/// Shared WGSL, appended to every kernel's own.
const COMMON: &str = include_str!("../../shaders/common.wgsl");

/// The WGSL of one kernel and which function of it to run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source {
    /// The stem of its file.
    pub stem: &'static str,
    /// The file.
    pub wgsl: &'static str,
    /// The entry point.
    pub entry: &'static str,
}

/// Values of a kernel's `override` constants, by name.
pub(super) type Constants<'a> = &'a [(&'a str, f64)];

/// What every step is made from: the kernels of a model, and the buffers of one run of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Site<'a> {
    pub gpu: &'a Rc<Gpu>,
    pub kernels: &'a Kernels,
    pub config: &'a ModelConfig,
    pub weights: &'a Weights,
    pub scratch: &'a Scratch,
    pub run: &'a Activations,
}

/// A compiled kernel.
#[derive(Debug)]
pub(super) struct Kernel {
    label: String,
    pipeline: wgpu::ComputePipeline,
}

/// Every kernel of a model, each compiled once for its constants.
#[derive(Debug)]
pub(super) struct Kernels {
    gpu: Rc<Gpu>,
    compiled: RefCell<HashMap<String, Rc<Kernel>>>,
}

impl Kernels {
    pub fn new(gpu: &Rc<Gpu>) -> Self {
        Kernels { gpu: Rc::clone(gpu), compiled: RefCell::default() }
    }

    /// The kernel with its shapes baked in; compiled when it is first asked for.
    pub fn get(&self, source: Source, constants: Constants) -> Rc<Kernel> {
        let key = format!("{}.{} {constants:?}", source.stem, source.entry);
        let mut compiled = self.compiled.borrow_mut();
        Rc::clone(compiled.entry(key).or_insert_with(|| Rc::new(compile(&self.gpu, source, constants))))
    }
}

fn compile(gpu: &Gpu, source: Source, constants: Constants) -> Kernel {
    let module = gpu.device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: Some(source.stem),
        source: wgpu::ShaderSource::Wgsl(format!("{}\n{COMMON}", source.wgsl).into()),
    });
    let pipeline = gpu.device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label: Some(source.entry),
        layout: None,
        module: &module,
        entry_point: Some(source.entry),
        compilation_options: wgpu::PipelineCompilationOptions {
            constants,
            // Every kernel writes its workgroup memory before reading it.
            zero_initialize_workgroup_memory: false,
        },
        cache: None,
    });
    Kernel { label: source.entry.to_owned(), pipeline }
}

impl Kernel {
    /// Binds buffers, by group and binding number, to a step of `workgroups`.
    pub fn step(
        self: &Rc<Self>,
        gpu: &Gpu,
        groups: &[&[(u32, wgpu::BindingResource)]],
        workgroups: impl Fn(&Dims) -> [u32; 3] + 'static,
    ) -> Step {
        let bind = |(group, entries): (usize, &&[(u32, wgpu::BindingResource)])| {
            let entries: Vec<_> = entries
                .iter()
                .map(|(binding, resource)| wgpu::BindGroupEntry {
                    binding: *binding,
                    resource: resource.clone(),
                })
                .collect();
            gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
                label: Some(&self.label),
                layout: &self.pipeline.get_bind_group_layout(group as u32),
                entries: &entries,
            })
        };
        Step {
            few: None,
            kernel: Rc::clone(self),
            groups: groups.iter().enumerate().map(bind).collect(),
            workgroups: Box::new(workgroups),
        }
    }
}

/// How many workgroups a run of some sizes takes.
type Workgroups = dyn Fn(&Dims) -> [u32; 3];

/// A kernel with its buffers: one dispatch.
pub(super) struct Step {
    /// What is run in its place when a run has up to so many new rows.
    few: Option<(usize, Box<Step>)>,
    kernel: Rc<Kernel>,
    groups: Vec<wgpu::BindGroup>,
    workgroups: Box<Workgroups>,
}

impl Step {
    /// The step that `of` makes for a number of row quads, as this device likes them.
    pub fn cut_by_rows(tiles: RowTiles, of: impl Fn(u32) -> Step) -> Self {
        let few = (tiles.few_rows > 0).then(|| (tiles.few_rows, Box::new(of(1))));
        Step { few, ..of(tiles.quads) }
    }

    /// Refuses what this device can't dispatch at once: a run of very many rows.
    ///
    /// # Errors
    /// [`Error::GpuLimit`].
    pub fn check(&self, gpu: &Gpu, dims: &Dims) -> Result<()> {
        let available = gpu.limits().max_compute_workgroups_per_dimension;
        match (self.workgroups)(dims).into_iter().max() {
            Some(needed) if needed > available => Err(Error::GpuLimit {
                what: format!("kernel `{}`", self.kernel.label),
                limit: "maxComputeWorkgroupsPerDimension",
                unit: "workgroups",
                needed: needed.into(),
                available: available.into(),
            }),
            _ => Ok(()),
        }
    }

    /// Records the dispatch for a run of these sizes.
    pub fn record(&self, pass: &mut wgpu::ComputePass, dims: &Dims) {
        if let Some((rows, few)) = &self.few
            && dims.new_rows() <= *rows
        {
            return few.record(pass, dims);
        }
        let [x, y, z] = (self.workgroups)(dims);
        pass.set_pipeline(&self.kernel.pipeline);
        for (index, group) in self.groups.iter().enumerate() {
            pass.set_bind_group(index as u32, group, &[]);
        }
        pass.dispatch_workgroups(x, y, z);
    }
}

impl std::fmt::Debug for Step {
    fn fmt(&self, formatter: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(formatter, "Step({})", self.kernel.label)
    }
}

/// Runs `steps` for a run of these sizes and reads `bytes` of `result` from `offset` on.
///
/// # Errors
/// [`Error::GpuLimit`], [`Error::GpuLost`].
pub(super) async fn compute(
    gpu: &Rc<Gpu>,
    steps: &[Step],
    dims: &Dims,
    result: &Tensor,
    offset: usize,
    bytes: usize,
) -> Result<Vec<u8>> {
    steps.iter().try_for_each(|step| step.check(gpu, dims))?;
    let read_back = Tensor::new(gpu, "read_back", bytes, Usage::ReadBack)?;
    let mut encoder = gpu.device.create_command_encoder(&Default::default());
    let mut pass = encoder.begin_compute_pass(&Default::default());
    for step in steps {
        step.record(&mut pass, dims);
    }
    drop(pass);
    let size = (bytes as u64).next_multiple_of(4);
    encoder.copy_buffer_to_buffer(&result.buffer, offset as u64, &read_back.buffer, 0, size);
    gpu.queue.submit([encoder.finish()]);
    read_back.read(bytes).await
}

/// Workgroups of `size` that cover `items`, as WGSL counts them.
pub(super) fn covering(items: usize, size: usize) -> u32 {
    items.div_ceil(size) as u32
}
