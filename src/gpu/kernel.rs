//! Compiled kernels, and the steps of a command buffer that run them.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::cut::{Cut, Cuts};
use super::device::Gpu;
use crate::error::{Error, Result};
use crate::model::Dims;

/// WGSL that is appended to every kernel.
const COMMON: &str = include_str!("../../shaders/common.wgsl");

/// WGSL that reads weights, appended to every kernel: of any type, or f16 as the device reads it.
const WEIGHTS: &str = include_str!("../../shaders/weights.wgsl");
const HALF_WEIGHTS: &str = include_str!("../../shaders/half_weights.wgsl");

/// `WEIGHT_TYPE` of a matrix in f16. The numbers are those of shaders/common.wgsl.
pub(super) const HALF: (&str, f64) = ("WEIGHT_TYPE", 0.0);

/// The first words of a kernel that reads weights in f16. They share the kernel's first line, so that the
/// line numbers of compiler messages are those of the file.
const ENABLE_HALF: &str = "enable f16; ";

/// WGSL that is appended to the kernels that multiply by a weight matrix.
const PRODUCT: &str = include_str!("../../shaders/product.wgsl");

/// WGSL that is appended, after it, to those that can also do so by workgroups that share what they read.
const SHARED_PRODUCT: &str = include_str!("../../shaders/shared_product.wgsl");

/// The WGSL that a kernel multiplies by a weight matrix with.
#[derive(Debug, Clone, Copy)]
pub(super) enum Product {
    /// It does not.
    None,
    /// shaders/product.wgsl.
    OfInvocations,
    /// shaders/product.wgsl and shaders/shared_product.wgsl.
    OfWorkgroups,
}

/// The WGSL of one kernel, and which function of it to run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source {
    /// The stem of its file.
    pub stem: &'static str,
    /// The file.
    pub wgsl: &'static str,
    /// The entry point.
    pub entry: &'static str,
    /// What it calls to multiply by a weight matrix.
    pub product: Product,
}

impl Source {
    /// A kernel that stands by itself.
    pub const fn new(stem: &'static str, wgsl: &'static str, entry: &'static str) -> Self {
        Source { stem, wgsl, entry, product: Product::None }
    }

    /// A kernel that multiplies by a weight matrix.
    pub const fn of_product(stem: &'static str, wgsl: &'static str, entry: &'static str) -> Self {
        Source { stem, wgsl, entry, product: Product::OfInvocations }
    }

    /// A kernel that multiplies by a weight matrix, in either of two ways.
    pub const fn of_shared_product(stem: &'static str, wgsl: &'static str, entry: &'static str) -> Self {
        Source { stem, wgsl, entry, product: Product::OfWorkgroups }
    }

    /// The whole text that is compiled.
    fn text(&self, half: bool) -> String {
        let product: &[&str] = match self.product {
            Product::None => &[],
            Product::OfInvocations => &[PRODUCT],
            Product::OfWorkgroups => &[PRODUCT, SHARED_PRODUCT],
        };
        let (enable, weights) = if half { (ENABLE_HALF, HALF_WEIGHTS) } else { ("", WEIGHTS) };
        format!("{enable}{}", [&[self.wgsl], product, &[weights, COMMON]].concat().join("\n"))
    }
}

/// Values of a kernel's `override` constants, by name.
pub(super) type Constants<'a> = &'a [(&'a str, f64)];

/// A compiled kernel.
#[derive(Debug)]
pub(super) struct Kernel {
    label: String,
    pipeline: wgpu::ComputePipeline,
}

/// Every kernel of a model. Each is compiled once for its constants.
#[derive(Debug)]
pub(super) struct Kernels {
    gpu: Rc<Gpu>,
    compiled: RefCell<HashMap<String, Rc<Kernel>>>,
}

impl Kernels {
    /// No kernel yet.
    pub fn new(gpu: &Rc<Gpu>) -> Self {
        Kernels { gpu: Rc::clone(gpu), compiled: RefCell::default() }
    }

    /// The kernel with its shapes baked in. The first call compiles it.
    pub fn get(&self, source: Source, constants: Constants) -> Rc<Kernel> {
        let half = self.gpu.reads_half() && constants.contains(&HALF);
        let key = format!("{}.{} {half} {constants:?}", source.stem, source.entry);
        let mut compiled = self.compiled.borrow_mut();
        let make = || Rc::new(compile(&self.gpu, source, constants, half));
        Rc::clone(compiled.entry(key).or_insert_with(make))
    }
}

fn compile(gpu: &Gpu, source: Source, constants: Constants, half: bool) -> Kernel {
    let module = gpu.device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: Some(source.stem),
        source: wgpu::ShaderSource::Wgsl(source.text(half).into()),
    });
    let pipeline = gpu.device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label: Some(source.entry),
        layout: None,
        module: &module,
        entry_point: Some(source.entry),
        compilation_options: wgpu::PipelineCompilationOptions {
            constants,
            // Every kernel writes its workgroup memory before it reads it.
            zero_initialize_workgroup_memory: false,
        },
        cache: None,
    });
    Kernel { label: source.entry.to_owned(), pipeline }
}

/// The buffers of one bind group, by binding number.
pub(super) type Group<'a, 'b> = &'a [(u32, wgpu::BindingResource<'b>)];

impl Kernel {
    /// A step of `workgroups` that binds these groups, numbered from 0.
    pub fn step(
        self: &Rc<Self>,
        gpu: &Gpu,
        groups: &[Group],
        workgroups: impl Fn(&Dims) -> [u32; 3] + 'static,
    ) -> Step {
        let bind = |(group, entries): (usize, &Group)| {
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
            long: None,
            kernel: Rc::clone(self),
            groups: groups.iter().enumerate().map(bind).collect(),
            workgroups: Box::new(workgroups),
        }
    }
}

/// Number of workgroups for a run of some sizes.
type Workgroups = dyn Fn(&Dims) -> [u32; 3];

/// The axis along which a dispatch is cut into parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Axis {
    /// The rows of all sequences.
    Rows,
    /// The queries of each sequence.
    Queries,
}

/// A dispatch that may take long, and how it is cut into parts.
struct Long {
    axis: Axis,
    /// Rows of a workgroup. Parts start at a multiple of it, so that they have the workgroups of the whole.
    unit: usize,
    /// Multiply-adds of a row.
    work: Box<dyn Fn(&Dims) -> f64>,
}

/// A kernel with its buffers: one dispatch.
pub(super) struct Step {
    /// Alternative step for runs with at most this many new rows.
    few: Option<(usize, Box<Step>)>,
    long: Option<Long>,
    kernel: Rc<Kernel>,
    groups: Vec<wgpu::BindGroup>,
    workgroups: Box<Workgroups>,
}

impl Step {
    /// Makes a step that is cut as suits this device, by calling `of`. It multiplies by `tiles` column tiles.
    pub fn cut(cuts: Cuts, tiles: usize, of: impl Fn(Cut) -> Step) -> Self {
        let few = cuts.few(tiles).map(|(rows, cut)| (rows, Box::new(of(cut))));
        Step { few, ..of(cuts.many()) }
    }

    /// Says that the step may take long: so many multiply-adds a row. Parts of it have a multiple of
    /// `unit` rows.
    pub fn long(self, axis: Axis, unit: usize, work: impl Fn(&Dims) -> f64 + 'static) -> Self {
        Step { long: Some(Long { axis, unit, work: Box::new(work) }), ..self }
    }

    /// This step, or its alternative for a run of these sizes.
    pub fn of_run(&self, dims: &Dims) -> &Step {
        match &self.few {
            Some((rows, few)) if dims.new_rows() <= *rows => few,
            _ => self,
        }
    }

    /// The parts of a run of these sizes with at most `most` multiply-adds each, and the multiply-adds of
    /// each. A part has one unit of rows at least. A step that does not take long is one part without
    /// work.
    pub fn parts(&self, dims: &Dims, most: f64) -> Vec<(Dims, f64)> {
        let Some(Long { axis, unit, work }) = &self.long else { return vec![(*dims, 0.0)] };
        let first = dims.first_row as usize;
        let end = match axis {
            Axis::Rows => dims.rows as usize,
            Axis::Queries => dims.end_query(),
        };
        let of_row = work(dims);
        let whole = of_row * (end - first) as f64;
        if whole <= most {
            return vec![(*dims, whole)];
        }
        let rows = ((most / of_row) as usize / unit * unit).max(*unit);
        let part = |start: usize| {
            let stop = (start + rows).min(end);
            (dims.part(start..stop), of_row * (stop - start) as f64)
        };
        (first..end).step_by(rows).map(part).collect()
    }

    /// Refuses a run of so many rows that this device can't dispatch it at once.
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

    /// Records the dispatch for a run, or a part, of these sizes. Returns its number of workgroups.
    pub fn record(&self, pass: &mut wgpu::ComputePass, dims: &Dims) -> u64 {
        let [x, y, z] = (self.workgroups)(dims);
        pass.set_pipeline(&self.kernel.pipeline);
        for (index, group) in self.groups.iter().enumerate() {
            pass.set_bind_group(index as u32, group, &[]);
        }
        pass.dispatch_workgroups(x, y, z);
        [x, y, z].map(u64::from).iter().product()
    }
}

impl std::fmt::Debug for Step {
    fn fmt(&self, formatter: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(formatter, "Step({})", self.kernel.label)
    }
}

/// Workgroups of `size` that cover `items`, as WGSL counts them.
pub(super) fn covering(items: usize, size: usize) -> u32 {
    items.div_ceil(size) as u32
}
