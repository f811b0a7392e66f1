//! The experiments' kernels against their twins.

use super::*;
use crate::gpu::{ablate, stripe};
use crate::model::HeadFate;

/// A uniform whose first number is `value`.
fn uniform(gpu: &Rc<Gpu>, value: usize) -> Tensor {
    let tensor = Tensor::new(gpu, "uniform", 16, Usage::Uniform).expect("room");
    tensor.write(0, bytemuck::bytes_of(&[value as u32, 0, 0, 0]));
    tensor
}

#[test]
fn stripe_agrees() {
    at_every_size(&CONFIG, |bench, what| {
        let (qkv, _, stats) = bench.attended();
        let Bench { gpu, config, dims, run, .. } = &*bench;
        run.stats.write(0, bytemuck::cast_slice(&stats));
        let heads = config.n_heads;
        let out = Tensor::numbers(gpu, "stripe", stats.len()).expect("room");
        for offset in [0, 1, 16, 64, 129] {
            let expected = cpu::stripe::stripe(dims, config, offset, &qkv, &stats);
            let at = uniform(gpu, offset);
            let step = stripe::step(bench.site(), 0, &at, out.binding());
            let bytes = bench.submit(&[step], dims, &out, 4 * stats.len());
            let found: Vec<f32> = bytemuck::pod_collect_to_vec(&bytes);
            bench.compare_rows(&format!("stripe at {offset}, {what}"), heads, &found, &expected);
        }
    });
}

#[test]
fn ablate_agrees() {
    at_every_size(&CONFIG, |bench, what| {
        let width = bench.shapes.z;
        let z = bench.rows(width, width);
        let Bench { gpu, config, dims, scratch, .. } = &*bench;
        let all = Dims { first_row: 0, ..*dims };
        let fates = [HeadFate::Mean, HeadFate::Kept, HeadFate::Zero];
        let mut expected = z.clone();
        cpu::ablate::ablate(&all, config, &fates, &mut expected);
        scratch.z.write(0, bytemuck::cast_slice(&z));
        let buffer = Tensor::numbers(gpu, "fates", fates.len()).expect("room");
        buffer.write(0, bytemuck::cast_slice(&fates.map(|fate| fate as u32)));
        let step = ablate::step(bench.site(), &buffer);
        bench.compare(&format!("ablate, {what}"), &[step], &scratch.z, width, &expected);
    });
}
