//! Workflows and attack paths as Mermaid and SVG.

use casemate_report::drawing::{
    Class, Drawing, DrawnEdge, DrawnNode, NODES_MAX, mermaid, of_chain, of_chains, svg,
};
use casemate_schema::{
    Chain, ChainStep, EdgeKind, GraphEdge, GraphNode, HostGraph, NodeKind, Severity,
};

fn node(id: &str, class: Class) -> DrawnNode {
    DrawnNode {
        id: id.to_owned(),
        label: id.to_owned(),
        class,
        ..DrawnNode::default()
    }
}

fn edge(from: &str, to: &str, label: &str) -> DrawnEdge {
    DrawnEdge {
        from: from.to_owned(),
        to: to.to_owned(),
        label: label.to_owned(),
        ..DrawnEdge::default()
    }
}

fn workflow() -> Drawing {
    Drawing {
        title: "assess".to_owned(),
        description: "A workflow".to_owned(),
        nodes: vec![
            node("ingest", Class::Start),
            node("score", Class::Step),
            node("end", Class::End),
        ],
        edges: vec![
            edge("ingest", "score", ""),
            edge("score", "end", "good"),
            edge("score", "ingest", "again, at most 2"),
            DrawnEdge {
                is_fallback: true,
                ..edge("ingest", "end", "failed")
            },
        ],
    }
}

/// A listener whose user may write what root's cron runs.
fn host() -> (Chain, HostGraph) {
    let nodes = [
        ("network", NodeKind::Network, "anybody on the network"),
        (
            "socket:tcp:0.0.0.0:8080",
            NodeKind::Socket,
            "tcp 0.0.0.0:8080",
        ),
        ("process:/srv/app:www", NodeKind::Process, "/srv/app"),
        ("user:www", NodeKind::User, "www"),
        (
            "file:/usr/local/bin/backup",
            NodeKind::File,
            "/usr/local/bin/backup",
        ),
        (
            "cron:/etc/crontab:12",
            NodeKind::Job,
            "/etc/crontab, line 12",
        ),
        ("user:root", NodeKind::User, "root"),
    ];
    let steps = [
        (
            0,
            1,
            EdgeKind::Reaches,
            "listens on all addresses, no filter",
        ),
        (1, 2, EdgeKind::Listens, "inode 4711"),
        (2, 3, EdgeKind::RunsAs, "uid 33"),
        (3, 4, EdgeKind::MayWrite, "mode 0666, owner root"),
        (
            4,
            5,
            EdgeKind::Executes,
            "*/5 * * * * root /usr/local/bin/backup --all --quiet --to /srv/backup",
        ),
        (5, 6, EdgeKind::Starts, "as root"),
    ];
    let word = |kind: EdgeKind| match serde_json::to_value(kind) {
        Ok(serde_json::Value::String(word)) => word,
        other => format!("{other:?}"),
    };
    let graph = HostGraph {
        nodes: nodes
            .iter()
            .map(|(id, kind, label)| GraphNode {
                id: (*id).into(),
                kind: *kind,
                label: (*label).into(),
            })
            .collect(),
        edges: steps
            .iter()
            .map(|(from, to, kind, fact)| GraphEdge {
                from: nodes[*from].0.into(),
                to: nodes[*to].0.into(),
                kind: *kind,
                fact: (*fact).into(),
                path: None,
                line: None,
                needs: None,
            })
            .collect(),
        limits: Vec::new(),
    };
    let chain = Chain {
        id: "chain:0123456789ab".into(),
        rule: "attack-path".into(),
        title: "From the network to root over a file that cron runs".into(),
        severity: Severity::Critical,
        risk: 97,
        steps: graph
            .edges
            .iter()
            .map(|edge| ChainStep {
                from: edge.from.clone(),
                to: edge.to.clone(),
                edge: word(edge.kind).into(),
                fact: edge.fact.clone(),
                finding: None,
            })
            .collect(),
        techniques: vec!["T1190".into(), "T1053.003".into()],
        break_at: "chmod 0755 /usr/local/bin/backup".into(),
        why: "Whoever takes over the service becomes root within five minutes.".into(),
        ..Chain::default()
    };
    (chain, graph)
}

#[test]
fn a_workflow_as_mermaid() {
    insta::assert_snapshot!(mermaid(&workflow()), @r#"
flowchart TB
  accTitle: assess
  accDescr: A workflow
  n0(["ingest"]):::startNode
  n1["score"]:::stepNode
  n2(["end"]):::endNode
  n0 --> n1
  n1 -->|"good"| n2
  n1 -->|"again, at most 2"| n0
  n0 -.->|"failed"| n2
  classDef startNode fill:#e6f0f8,stroke:#0b5b8f,color:#1b2430
  classDef stepNode fill:#f5f6f8,stroke:#566272,color:#1b2430
  classDef endNode fill:#e8f4ec,stroke:#2d6b45,color:#1b2430
"#);
}

#[test]
fn an_attack_path_as_mermaid() {
    let (chain, graph) = host();
    insta::assert_snapshot!(mermaid(&of_chain(&chain, &graph)), @r#"
flowchart TB
  accTitle: From the network to root over a file that cron runs
  accDescr: Critical, risk 97. Whoever takes over the service becomes root within five minutes. Techniques: T1190, T1053.003. Break it at: chmod 0755 /usr/local/bin/backup
  n0(["anybody on the network<br>network"]):::startNode
  n1{{"tcp 0.0.0.0:8080<br>socket"}}:::activeNode
  n2{{"/srv/app<br>process"}}:::activeNode
  n3("www<br>code runs as user"):::accountNode
  n4["/usr/local/bin/backup<br>file"]:::thingNode
  n5{{"/etc/crontab, line 12<br>job"}}:::activeNode
  n6(["root<br>code runs as user"]):::goalNode
  n0 -->|"reaches<br>listens on all addresses, no filter"| n1
  n1 -->|"listens<br>inode 4711"| n2
  n2 -->|"runs as<br>uid 33"| n3
  n3 -->|"may write<br>mode 0666, owner root"| n4
  n4 -->|"executes<br>#42;/5 #42; #42; #42; #42; root /usr/local/bin/backup --all --quiet --to /srv/backup"| n5
  n5 -->|"starts<br>as root"| n6
  classDef startNode fill:#e6f0f8,stroke:#0b5b8f,color:#1b2430
  classDef goalNode fill:#fbe8ec,stroke:#9d1535,color:#1b2430
  classDef activeNode fill:#fdf3e4,stroke:#846100,color:#1b2430
  classDef accountNode fill:#f1eefb,stroke:#5d4a9c,color:#1b2430
  classDef thingNode fill:#f5f6f8,stroke:#566272,color:#1b2430
"#);
}

/// Every text between tags, and the number of tags that are opened and closed.
fn is_well_formed(svg: &str) -> bool {
    let mut open: Vec<&str> = Vec::new();
    for tag in svg.split('<').skip(1) {
        let (tag, _) = tag.split_once('>').expect("a tag ends");
        let name = tag
            .trim_start_matches('/')
            .split([' ', '/'])
            .next()
            .expect("name");
        if tag.starts_with('/') {
            if open.pop() != Some(name) {
                return false;
            }
        } else if !tag.ends_with('/') {
            open.push(name);
        }
    }
    open.is_empty()
}

#[test]
fn an_svg_stands_alone_and_says_what_it_shows() {
    let (chain, graph) = host();
    for drawing in [workflow(), of_chain(&chain, &graph), Drawing::default()] {
        let drawn = svg(&drawing);
        assert!(is_well_formed(&drawn), "{drawn}");
        assert_eq!(drawn, svg(&drawing));
        for banned in [
            "<script",
            "href",
            "url(",
            "@import",
            "onload",
            "<image",
            "foreignObject",
        ] {
            assert!(!drawn.contains(banned), "{banned}");
        }
        assert_eq!(
            drawn.matches("http").count(),
            1,
            "the name of the format alone"
        );
        for needed in [
            "<title id=",
            "<desc id=",
            "role=\"img\"",
            "prefers-color-scheme:dark",
        ] {
            assert!(drawn.contains(needed), "{needed}");
        }
    }
    let drawn = svg(&of_chain(&chain, &graph));
    assert!(drawn.contains("may write") && drawn.contains("mode 0666, owner root"));
    // The long fact is cut on the line and whole in the hint.
    assert!(
        drawn.contains("--quiet --to /srv/backup</title>"),
        "{drawn}"
    );
}

#[test]
fn hostile_text_stays_text() {
    let evil =
        "</title><script>alert(1)</script>\"'&\u{202e}\u{1b}[2J\u{0}`x` #quot; --> %%{init}%%";
    let drawing = Drawing {
        title: evil.to_owned(),
        description: evil.to_owned(),
        nodes: vec![DrawnNode {
            detail: evil.to_owned(),
            ..node(evil, Class::Goal)
        }],
        edges: vec![DrawnEdge {
            detail: evil.to_owned(),
            ..edge(evil, "not\nlisted", evil)
        }],
    };
    let drawn = svg(&drawing);
    assert!(
        is_well_formed(&drawn) && !drawn.contains("<script"),
        "{drawn}"
    );
    let chart = mermaid(&drawing);
    assert_eq!(chart.lines().count(), 3 + 2 + 1 + 2, "{chart}");
    for letter in ['<', '"', '`', '\u{202e}', '\u{1b}'] {
        let allowed: usize = match letter {
            // Quotes around texts, and the line break between two lines of a text.
            '"' => 6,
            '<' => 2,
            _ => 0,
        };
        assert_eq!(
            chart.matches(letter).count(),
            allowed,
            "{letter:?}: {chart}"
        );
    }
}

#[test]
fn many_paths_are_drawn_as_far_as_they_can_be_read() {
    let (chain, graph) = host();
    let many: Vec<Chain> = (0..40)
        .map(|at| {
            let mut other = chain.clone();
            for step in &mut other.steps[..3] {
                step.from = format!("{}-{at}", step.from.as_str()).into();
                step.to = format!("{}-{at}", step.to.as_str()).into();
            }
            other
        })
        .collect();
    let drawing = of_chains(&many, &graph);
    assert!(drawing.nodes.len() <= NODES_MAX && drawing.nodes.len() > NODES_MAX - 5);
    assert!(
        drawing.description.contains("left out"),
        "{}",
        drawing.description
    );
    assert!(is_well_formed(&svg(&drawing)));
    let none = of_chains(&[], &graph);
    assert_eq!(none.description, "No attack path was found.");
    assert!(is_well_formed(&svg(&none)));
}
