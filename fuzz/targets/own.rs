//! casemate's own reports, JSON and lines: what is read is written and read again the same.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(report) = casemate_schema::read_report(data) else {
        return;
    };
    // A number beyond what canonical JSON carries is refused when written.
    let Ok(lines) = casemate_schema::to_ndjson(&report) else {
        return;
    };
    let again = casemate_schema::read_report(&lines);
    assert!(
        again.is_ok_and(|again| again == report),
        "lines lose something"
    );
});
