//! The refusal of a file that is no torch checkpoint.

use crate::error::Error;

/// The advice about a file of torch's that is in another form.
pub(in crate::checkpoint) const SAVE_AGAIN: &str =
    "load it in Python and write its state dict with torch.save(model.state_dict(), \"model.pth\")";

/// The error for a file that is no torch checkpoint, or a damaged one.
pub(super) fn malformed(found: String) -> Error {
    Error::CheckpointFormat { expected: "a torch checkpoint", found }
}
