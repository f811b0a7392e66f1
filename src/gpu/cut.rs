//! How products are cut into workgroups, and the candidates among which a tuner chooses.

/// The two families of kernels that multiply by weight matrices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Products {
    /// Each invocation reads all that it multiplies. shaders/product.wgsl.
    ByInvocations,
    /// The invocations of a workgroup share what they read. shaders/shared_product.wgsl.
    ByWorkgroups,
}

/// A way to multiply by weight matrices that can be chosen for a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Candidate {
    /// By invocations.
    Invocations,
    /// By workgroups: wide ones, and narrow ones where there would be few wide ones.
    Workgroups,
    /// By narrow workgroups alone.
    NarrowWorkgroups,
    /// As `Workgroups`, and the device reads weights in f16 as such, where it can.
    HalfWorkgroups,
    /// As `Invocations`, with weights in f16 read in the same way.
    HalfInvocations,
}

impl Candidate {
    /// Every candidate.
    pub const ALL: [Candidate; 5] = [
        Candidate::Workgroups,
        Candidate::HalfWorkgroups,
        Candidate::NarrowWorkgroups,
        Candidate::Invocations,
        Candidate::HalfInvocations,
    ];

    /// The candidate that the rule takes, without a measurement. Software has no memory of workgroups, and
    /// takes longer to copy to what it has in its place.
    pub fn of_rule(software: bool) -> Self {
        if software { Candidate::Invocations } else { Candidate::Workgroups }
    }

    /// The candidate without the reading of f16, where it has that.
    pub fn without_half(self) -> Self {
        match self {
            Candidate::HalfWorkgroups => Candidate::Workgroups,
            Candidate::HalfInvocations => Candidate::Invocations,
            other => other,
        }
    }

    /// Whether the device reads weights in f16 as such.
    pub fn reads_half(self) -> bool {
        self != self.without_half()
    }

    /// The candidate that stands for a family.
    pub fn of_family(products: Products) -> Self {
        match products {
            Products::ByInvocations => Candidate::Invocations,
            Products::ByWorkgroups => Candidate::Workgroups,
        }
    }

    /// Its name in the public interface.
    pub fn name(self) -> &'static str {
        match self {
            Candidate::Invocations => "invocations",
            Candidate::Workgroups => "workgroups",
            Candidate::NarrowWorkgroups => "narrow-workgroups",
            Candidate::HalfWorkgroups => "workgroups-f16",
            Candidate::HalfInvocations => "invocations-f16",
        }
    }

    /// The candidate of that name.
    pub fn named(name: &str) -> Option<Self> {
        Candidate::ALL.into_iter().find(|candidate| candidate.name() == name)
    }
}

/// One way to cut a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    /// By invocations that read all that they multiply: `4 * quads` rows of a column tile each.
    /// shaders/product.wgsl.
    Invocations { quads: u32 },
    /// By workgroups that share what they read. shaders/shared_product.wgsl.
    Workgroups(Lanes),
}

/// Invocations of a workgroup that shares what it reads. Each makes `4 * quads` rows of a column tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lanes {
    pub columns: u32,
    pub rows: u32,
    pub quads: u32,
}

/// 64 rows of 128 columns. Of seventeen shapes it was the fastest on an H100, where there are enough
/// workgroups.
const WIDE: Lanes = Lanes { columns: 16, rows: 8, quads: 2 };

/// 32 rows of 64 columns: four times as many workgroups.
const NARROW: Lanes = Lanes { columns: 8, rows: 8, quads: 1 };

/// The ways to cut products on a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cuts {
    /// By invocations: `quads` of rows each, and one quad in runs of up to `few_rows` new rows, with a
    /// pipeline of its own.
    Invocations { quads: u32, few_rows: usize },
    /// By workgroups: wide ones, and narrow ones where fewer than `enough` wide ones make the product.
    Workgroups { enough: usize },
}

impl Cuts {
    /// On adapters made of software.
    ///
    /// Software unpacks each f16 weight at the cost of ten multiplications, so many rows have to share a
    /// weight: 16 rows were measured 2.4 times as fast as 4. It compiles a pipeline for a good part of a
    /// second, so there is one for all runs.
    pub const SOFTWARE: Cuts = Cuts::Invocations { quads: 4, few_rows: 0 };

    /// On GPUs, by workgroups. 128 of them keep the largest GPUs of today at work.
    pub const GPU_WORKGROUPS: Cuts = Cuts::Workgroups { enough: 128 };

    /// On GPUs, by invocations. A GPU hides the cost of unpacking behind other invocations, and needs many.
    pub const GPU_INVOCATIONS: Cuts = Cuts::Invocations { quads: 2, few_rows: 255 };

    /// The cuts of a candidate.
    pub fn of(candidate: Candidate, software: bool) -> Cuts {
        match candidate.without_half() {
            Candidate::Invocations | Candidate::HalfInvocations if software => Cuts::SOFTWARE,
            Candidate::Invocations | Candidate::HalfInvocations => Cuts::GPU_INVOCATIONS,
            Candidate::Workgroups | Candidate::HalfWorkgroups => Cuts::GPU_WORKGROUPS,
            Candidate::NarrowWorkgroups => Cuts::Workgroups { enough: usize::MAX / 2 },
        }
    }

    /// The family of the kernels.
    pub fn products(self) -> Products {
        match self {
            Cuts::Invocations { .. } => Products::ByInvocations,
            Cuts::Workgroups { .. } => Products::ByWorkgroups,
        }
    }

    /// The cuts of kernels that multiply by invocations alone.
    pub fn by_invocations(self) -> Cuts {
        match self {
            Cuts::Invocations { .. } => self,
            Cuts::Workgroups { .. } => Cuts::GPU_INVOCATIONS,
        }
    }

    /// The cut of runs of many rows.
    pub fn many(self) -> Cut {
        match self {
            Cuts::Invocations { quads, .. } => Cut::Invocations { quads },
            Cuts::Workgroups { .. } => Cut::Workgroups(WIDE),
        }
    }

    /// The cut of runs of few new rows, and how many rows these are, for a matrix of `tiles` column tiles.
    /// None where all runs are cut in one way.
    pub fn few(self, tiles: usize) -> Option<(usize, Cut)> {
        let (rows, cut) = match self {
            Cuts::Invocations { few_rows, .. } => (few_rows, Cut::Invocations { quads: 1 }),
            Cuts::Workgroups { enough } => {
                let wide = Cut::Workgroups(WIDE);
                let few = enough.div_ceil(tiles.div_ceil(wide.column_tiles())).saturating_sub(1);
                (few.saturating_mul(wide.rows()), Cut::Workgroups(NARROW))
            }
        };
        (rows > 0).then_some((rows, cut))
    }
}

impl Cut {
    /// Column tiles of a workgroup.
    pub fn column_tiles(self) -> usize {
        match self {
            Cut::Invocations { .. } => 16,
            Cut::Workgroups(lanes) => lanes.columns as usize,
        }
    }

    /// Rows of a workgroup.
    pub fn rows(self) -> usize {
        match self {
            Cut::Invocations { quads } => 4 * 4 * quads as usize,
            Cut::Workgroups(Lanes { rows, quads, .. }) => (4 * rows * quads) as usize,
        }
    }

    /// The values of the constants of both files.
    pub fn constants(self) -> Vec<(&'static str, f64)> {
        match self {
            Cut::Invocations { quads } => vec![("ROW_QUADS", quads.into())],
            Cut::Workgroups(Lanes { columns, rows, quads }) => vec![
                ("ROW_QUADS", quads.into()),
                ("COLUMN_LANES", columns.into()),
                ("ROW_LANES", rows.into()),
            ],
        }
    }

    /// One of two things, by the kind of cut.
    pub fn either<T>(self, of_invocations: T, of_workgroups: T) -> T {
        match self {
            Cut::Invocations { .. } => of_invocations,
            Cut::Workgroups(_) => of_workgroups,
        }
    }
}
