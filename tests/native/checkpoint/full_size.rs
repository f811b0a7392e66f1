//! The full-size stand-in for the model of ARENA's notebook: it is read in bounded parts, and its planted
//! heads are found.

use std::cell::Cell;
use std::ops::Range;

use headscope::checkpoint::{ByteSource, Checkpoint};
use headscope::session::{Engine, Model, Preference};
use standin::planted::{NOTEBOOK, Planted};

use crate::support::stand_in;

struct Watched {
    file: Vec<u8>,
    largest: Cell<u64>,
    total: Cell<u64>,
}

impl ByteSource for Watched {
    fn len(&self) -> u64 {
        self.file.len() as u64
    }

    async fn read(&self, range: Range<u64>) -> headscope::Result<Vec<u8>> {
        let len = range.end - range.start;
        self.largest.set(self.largest.get().max(len));
        self.total.set(self.total.get() + len);
        (&self.file[..]).read(range).await
    }
}

#[test]
fn the_planted_heads_of_the_full_size_stand_in_are_found() {
    let planted = Planted::new(NOTEBOOK, 0);
    let file = planted.write(Vec::with_capacity(190 << 20)).expect("memory");
    assert!((183_000_000..185_000_000).contains(&file.len()), "{} bytes", file.len());
    let source = Watched { file, largest: Cell::new(0), total: Cell::new(0) };
    let model: Model = pollster::block_on(async {
        let engine = Engine::open(Preference::Cpu).await.expect("a backend");
        let checkpoint = Checkpoint::open(&source).await.expect("an index");
        let config = checkpoint.config(Some(&planted.config().to_string())).expect("a config");
        engine.load_checkpoint(&checkpoint, config, None).await.expect("a model")
    });
    assert_eq!(model.keys().to_string(), "All keys matched: 20 tensors, and 4 buffers that are not needed");
    assert!(source.largest.get() <= 4 << 20, "{} bytes were read at once", source.largest.get());
    assert!(
        source.total.get() < source.len(),
        "{} bytes were read in all: masks are not needed",
        source.total.get()
    );
    drop(source);
    let run = pollster::block_on(model.run_ids(stand_in::repeated(62))).expect("a run");
    stand_in::assert_finds(&run, &planted.plan);
}
