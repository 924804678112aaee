//! The page: self-contained, under its own policy, every finding once, hostile text as text.

use crate::sample;
use casemate_base::{encoding, hash, text::printable};
use casemate_report::{HtmlOptions, html};
use casemate_schema::Report;

fn page(report: &Report) -> String {
    html(report, &HtmlOptions::default()).expect("written")
}

fn reports() -> [Report; 8] {
    [
        sample::full(),
        sample::empty(),
        sample::blind(),
        sample::mixed(),
        sample::import(),
        sample::assessed(),
        sample::hostile(),
        sample::large(1200),
    ]
}

/// What stands between two marks, each time that they occur.
fn between<'a>(text: &'a str, open: &str, close: &str) -> Vec<&'a str> {
    text.split(open)
        .skip(1)
        .filter_map(|rest| rest.split_once(close).map(|(inner, _)| inner))
        .collect()
}

fn escaped(text: &str) -> String {
    printable(text)
        .replace('&', "&#38;")
        .replace('<', "&#60;")
        .replace('>', "&#62;")
        .replace('"', "&#34;")
        .replace('\'', "&#39;")
}

#[test]
fn every_finding_stands_in_the_page_once() {
    for report in reports() {
        let page = page(&report);
        let mut ids = between(&page, "<code class=\"fid\">", "</code>");
        let mut expected: Vec<String> = report.findings.iter().map(|f| escaped(&f.id)).collect();
        ids.sort_unstable();
        expected.sort();
        assert_eq!(ids, expected);
        let anchors = between(&page, "class=\"hit\" id=\"", "\"").len();
        assert_eq!(anchors, report.findings.len());
    }
}

#[test]
fn links_lead_to_anchors_of_the_page_alone() {
    for report in reports() {
        let page = page(&report);
        for target in between(&page, "href=\"", "\"") {
            let anchor = target.strip_prefix('#').expect("a link inside the page");
            assert_eq!(
                page.matches(&format!("id=\"{anchor}\"")).count(),
                1,
                "{anchor}"
            );
        }
    }
}

/// The body of the page without its script.
fn markup(page: &str) -> &str {
    let (_, body) = page.split_once("</style>").expect("a style sheet");
    body.split_once("<script>").expect("a script").0
}

#[test]
fn nothing_refers_to_the_outside_and_no_style_is_inline() {
    for report in reports() {
        let page = page(&report);
        for tag in between(markup(&page), "<", ">") {
            // Values of attributes are quoted, and hold no quotes.
            let tag = tag.split('"').step_by(2).collect::<String>();
            for banned in [
                " src=",
                " style=",
                " srcset=",
                " action=",
                " on",
                "javascript:",
                "http:",
            ] {
                assert!(!tag.contains(banned), "{banned} in <{tag}>");
            }
            assert!(
                !tag.starts_with("link") && !tag.starts_with("iframe") && !tag.starts_with("img")
            );
        }
    }
}

#[test]
fn the_policy_allows_the_pages_own_style_and_script_by_digest() {
    for report in reports() {
        let page = page(&report);
        let digest = |element: &str| {
            let found = between(&page, &format!("<{element}>"), &format!("</{element}>"));
            assert_eq!(found.len(), 1, "one <{element}>");
            encoding::base64_encode(hash::sha256(found[0].as_bytes()).as_bytes())
        };
        let policy = format!(
            "content=\"default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; \
             img-src 'none'; base-uri 'none'; form-action 'none'\"",
            digest("style"),
            digest("script")
        );
        assert!(page.contains(&policy), "{policy}");
    }
}

#[test]
fn hostile_text_is_text() {
    let page = page(&sample::hostile());
    for banned in [
        "<img",
        "<b>`",
        "alert(1)</script>",
        "\u{1b}",
        "\u{202e}",
        "\u{200b}",
        "\0",
        "\u{9b}",
    ] {
        assert!(!page.contains(banned), "{banned:?}");
    }
    assert_eq!(page.matches("<script").count(), 1);
    assert_eq!(page.matches("<style").count(), 1);
    assert!(page.contains("&#60;/script&#62;"));
    let open = page.matches("<details").count();
    assert_eq!(open, page.matches("</details>").count());
}

#[test]
fn the_page_names_its_denominator_and_what_it_could_not_see() {
    let full = page(&sample::full());
    assert!(full.contains("<b>25</b> %") && full.contains("<b>8 checks</b> that could look"));
    assert!(full.contains("<b>2</b> could not look"));
    let blind = page(&sample::blind());
    assert!(blind.contains("No score") && blind.contains("This report is partial"));
    let empty = page(&sample::empty());
    assert!(empty.contains("Nothing was found.") && empty.contains("Nothing calls for action."));
}

#[test]
fn pages_stay_light() {
    let mut fifty = sample::full();
    let more = sample::large(38).findings;
    fifty.findings.extend(more);
    assert_eq!(fifty.findings.len(), 50);
    let bytes = page(&fifty).len();
    assert!(bytes < 150_000, "{bytes} bytes");
    let bytes = page(&sample::large(1200)).len();
    assert!(bytes < 800_000, "{bytes} bytes");
}

#[test]
fn a_chart_has_a_title_a_description_and_a_table() {
    let page = page(&sample::full());
    for chart in ["c1", "c2", "c3"] {
        let labels = format!("role=\"img\" aria-labelledby=\"{chart}-t {chart}-d\"");
        assert!(page.contains(&labels));
        assert!(page.contains(&format!("<title id=\"{chart}-t\">")));
        assert!(page.contains(&format!("<desc id=\"{chart}-d\">")));
    }
    assert_eq!(page.matches("<table class=\"numbers\">").count(), 3);
    assert_eq!(page.matches("<h1>").count(), 1);
}

#[test]
fn very_many_findings_are_listed_after_those_in_full() {
    let options = HtmlOptions {
        in_full: 100,
        ..HtmlOptions::default()
    };
    let mut report = sample::large(300);
    report.findings.extend(sample::import().findings);
    let page = html(&report, &options).expect("written");
    let ids = between(&page, "<code class=\"fid\">", "</code>");
    assert_eq!(ids.len(), report.findings.len());
    assert_eq!(between(&page, "class=\"hit\" id=\"", "\"").len(), ids.len());
    assert!(page.contains("206 further findings, a line each"));
    for target in between(&page, "href=\"#", "\"") {
        assert!(page.contains(&format!("id=\"{target}\"")), "{target}");
    }
}

#[test]
fn what_does_not_count_and_what_was_read_stand_apart() {
    let page = page(&sample::mixed());
    for expected in [
        "vulnerable_code_not_in_execute_path",
        "JNDI lookups are switched off.",
        "vex.json#/statements/0",
        "Results[0].Vulnerabilities[7]",
        "Found by 2 tools",
        "vulnerability GHSA-xxxx-yyyy-zzzz",
        "EPSS 97.5 %",
        "Exploited",
        "org.apache.logging.log4j:log4j-core@2.14.1",
    ] {
        assert!(page.contains(expected), "{expected}");
    }
    let bare = self::page(&sample::full());
    assert!(!bare.contains("id=\"suppressed\"") && !bare.contains("id=\"inputs\""));
}

#[test]
fn a_case_stands_in_the_page_with_what_it_rests_on() {
    let page = page(&sample::assessed());
    for expected in [
        "Attack paths <span class=\"muted\">2</span>",
        "Network reaches root through java",
        "Bring log4j-core to 2.15.0: the first step then needs another weakness.",
        "<code>network</code> <b>reaches</b> <code>tcp 0.0.0.0:8080</code>",
        "T1548.001 Setuid and Setgid",
        "change risk medium",
        "+PermitRootLogin no",
        "The same new file in 40 places",
        "There is no diff: the file was not read.",
        "in CISA&#39;s catalogue since 2021-12-10, to be mended by 2021-12-24, used by ransomware",
        "; the source says 9.8",
        "because: the card of the check names it",
        "CVE-2026-0001 stands in no pack",
        "closed: accepted until 2026-06-30",
        "33 % of 3 assessed controls passed, 2 failed; covers 75 % of what applies",
        "nothing was assessed, so there is no score",
        "2,681 findings, 40 distinct weaknesses, 23 actions; 96 % need no reading of their own",
        "pack `kev` is old: 123 days (of 2025-11-01)",
        "<b>controls</b> was skipped: broken on purpose",
        "permission denied: /etc/shadow",
    ] {
        assert!(page.contains(expected), "{expected}");
    }
    assert_eq!(
        page.matches("class=\"drawing\"").count(),
        1,
        "a rule has no path to draw"
    );
    let bare = self::page(&sample::mixed());
    for section in ["paths", "actions", "compliance", "basis"] {
        assert!(page.contains(&format!("<section id=\"{section}\"")));
        assert!(!bare.contains(&format!("<section id=\"{section}\"")));
    }
}

#[test]
fn long_lists_of_a_case_say_where_the_rest_is() {
    let mut report = sample::assessed();
    let case = report.case.as_deref_mut().expect("a case");
    let (chain, action) = (case.chains[0].clone(), case.actions[0].clone());
    for number in 0..1000 {
        let mut chain = chain.clone();
        chain.title = format!("path {number}").into();
        case.chains.push(chain);
        let mut action = action.clone();
        action.title = format!("action {number}").into();
        case.actions.push(action);
    }
    let page = page(&report);
    assert!(page.contains("977 more, less urgent"));
    assert!(page.contains("945 more, which remove less risk per effort"));
    for target in between(&page, "href=\"#", "\"") {
        assert!(page.contains(&format!("id=\"{target}\"")), "{target}");
    }
    assert!(page.len() < 700_000, "{} bytes", page.len());
}

fn shown(page: &str) -> String {
    // The style sheet and the script are files of their own; their digests change with them.
    let (head, rest) = page.split_once("<style>").expect("a style sheet");
    let (_, body) = rest.split_once("</style>").expect("its end");
    let (body, _) = body.split_once("<script>").expect("a script");
    let head = head
        .lines()
        .filter(|line| !line.contains("Content-Security-Policy"));
    format!("{}\n{body}", head.collect::<Vec<_>>().join("\n"))
}

#[test]
fn the_import_report_as_a_page() {
    insta::assert_snapshot!("import.html", shown(&page(&sample::import())));
}

#[test]
fn the_assessed_report_as_a_page() {
    insta::assert_snapshot!("assessed.html", shown(&page(&sample::assessed())));
}

#[test]
fn the_full_report_as_a_page() {
    let options = HtmlOptions {
        top: 3,
        factors: vec![("severity".to_owned(), "How bad it is in itself.".to_owned())],
        ..HtmlOptions::default()
    };
    let page = html(&sample::full(), &options).expect("written");
    insta::assert_snapshot!("full.html", shown(&page));
}
