use crate::Error; use casemate_schema::Report;
pub fn sarif(_r:&Report)->Result<Vec<u8>,Error>{Ok(Vec::new())}
