use casemate_schema::{Report,Diff};
#[derive(Default)] pub struct TerminalOptions{pub width:usize}
pub fn terminal(_r:&Report,_o:&TerminalOptions)->String{String::new()}
pub fn terminal_diff(_r:&Diff,_o:&TerminalOptions)->String{String::new()}
