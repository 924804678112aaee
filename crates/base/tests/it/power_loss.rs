//! Does a loss of power at any moment lose anything that was promised?
//!
//! A scenario is a random list of writes, removals and new directories on a simulated disk. It
//! runs once for every operation of the disk, and the power goes before that operation; from each
//! such moment several possible states of the disk are drawn. One drawn state is one point. Some
//! points go on with a new process and a second loss of power, also after a stop of the program
//! alone, where nothing is lost yet but not everything is durable.
//! In every point each path must hold its whole old or whole new content, and what was
//! acknowledged must be there.
//!
//! `CASEMATE_POWER_LOSS_POINTS` sets another number of points than the default of a million.

use crate::protocols::{PLANTED, Protocol, REAL, SYNC_RETRIED};
use casemate_base::random::{Random, Seed};
use casemate_base::storage::{
    Disk as _, DiskStorage, EntryKind, FRAME_HEADER_BYTES, SimulatedDisk, Storage as _, StorePath,
    frame, unframe,
};
use std::collections::{BTreeMap, BTreeSet};

/// Points of an ordinary test run, about three seconds on two cores.
const POINTS_DEFAULT: u64 = 1_000_000;
/// States drawn from one moment of power loss.
const DRAWS_PER_MOMENT: u64 = 4;
/// A planted bug must be found within so many points; all are found much earlier.
const POINTS_TO_CATCH: u64 = 20_000;
/// Around the sector of 512 bytes, where tearing shows.
const LENGTHS: [usize; 8] = [0, 1, 100, 511, 512, 513, 1500, 3000];
const DIRECTORIES: [&str; 3] = ["a", "a/b", "c"];
const FILES: [&str; 5] = ["x", "y", "a/x", "a/b/x", "c/x"];

type Content = Option<Vec<u8>>;

#[derive(Debug, Clone)]
enum Action {
    CreateDirs(StorePath),
    Write(StorePath, Vec<u8>),
    Remove(StorePath),
}

/// What was acknowledged, and what else a path may hold because an action did not come to its end.
#[derive(Debug, Clone, Default)]
struct Promised {
    files: BTreeMap<StorePath, Vec<u8>>,
    directories: BTreeSet<StorePath>,
    unfinished: BTreeMap<StorePath, Vec<Content>>,
}

impl Promised {
    fn acknowledge(&mut self, action: &Action) {
        match action {
            Action::CreateDirs(path) => {
                let mut directory = Some(path.clone());
                while let Some(path) = directory.filter(|path| *path != StorePath::root()) {
                    directory = path.parent();
                    self.directories.insert(path);
                }
            }
            Action::Write(path, content) => {
                self.files.insert(path.clone(), content.clone());
                self.unfinished.remove(path);
            }
            Action::Remove(path) => {
                self.files.remove(path);
                self.unfinished.remove(path);
            }
        }
    }

    fn begin(&mut self, action: &Action) {
        let (path, content) = match action {
            Action::CreateDirs(_) => return,
            Action::Write(path, content) => (path, Some(content.clone())),
            Action::Remove(path) => (path, None),
        };
        self.unfinished
            .entry(path.clone())
            .or_default()
            .push(content);
    }

    /// The first broken promise on a disk that was found after a crash.
    fn violation(&self, disk: &SimulatedDisk) -> Option<String> {
        for directory in &self.directories {
            let found = disk.metadata(directory);
            if !found.is_ok_and(|found| found.kind == EntryKind::Directory) {
                return Some(format!("directory {directory} is lost"));
            }
        }
        for file in FILES {
            let path = path(file);
            let found = disk.read(&path, u64::MAX).ok();
            let promised = self.files.get(&path);
            let unfinished = self.unfinished.get(&path).map_or(&[][..], Vec::as_slice);
            if found.as_ref() == promised || unfinished.contains(&found) {
                continue;
            }
            let length = |content: Option<&Vec<u8>>| content.map(Vec::len);
            return Some(format!(
                "{path} holds {:?} bytes; promised {:?}, unfinished {:?}",
                length(found.as_ref()),
                length(promised),
                unfinished
                    .iter()
                    .map(|content| length(content.as_ref()))
                    .collect::<Vec<_>>(),
            ));
        }
        None
    }

    /// Takes what was found after a loss of power for what is promised from now on.
    fn settle(&mut self, disk: &SimulatedDisk) {
        for (path, _) in std::mem::take(&mut self.unfinished) {
            match disk.read(&path, u64::MAX) {
                Ok(content) => self.files.insert(path, content),
                Err(_) => self.files.remove(&path),
            };
        }
    }
}

fn path(text: &str) -> StorePath {
    StorePath::new(text).unwrap()
}

/// Random actions, each possible after those before it.
fn scenario(random: &mut Random, promised: &Promised, n_actions: u64) -> Vec<Action> {
    let mut expected = promised.clone();
    let mut actions = Vec::new();
    for _ in 0..n_actions {
        let action = if random.below(4) == 0 {
            Action::CreateDirs(path(random.choose(&DIRECTORIES).unwrap()))
        } else {
            let path = path(random.choose(&FILES).unwrap());
            let directory = path.parent().unwrap();
            if directory != StorePath::root() && !expected.directories.contains(&directory) {
                Action::CreateDirs(directory)
            } else if expected.files.contains_key(&path) && random.below(4) == 0 {
                Action::Remove(path)
            } else {
                let mut content = vec![0; *random.choose(&LENGTHS).unwrap()];
                random.fill_bytes(&mut content);
                Action::Write(path, content)
            }
        };
        expected.acknowledge(&action);
        actions.push(action);
    }
    actions
}

/// Runs the actions until one fails, which happens only when the power is gone.
fn run(protocol: &Protocol, disk: &SimulatedDisk, actions: &[Action], promised: &mut Promised) {
    for action in actions {
        promised.begin(action);
        let outcome = match action {
            Action::CreateDirs(path) => (protocol.create_dir_all)(disk, path),
            Action::Write(path, content) => (protocol.write)(disk, path, content),
            Action::Remove(path) => (protocol.remove)(disk, path),
        };
        if outcome.is_err() {
            return;
        }
        promised.acknowledge(action);
    }
}

/// Goes through points until one breaks a promise, or there were enough.
fn search(protocol: &Protocol, seed: &Seed, n_points: u64) -> (u64, Option<String>) {
    let mut points = 0;
    for scenario_number in 0_u64.. {
        let mut random = Random::new(&seed.derive(&scenario_number.to_string()));
        let n_actions = 3 + random.below(6);
        let actions = scenario(&mut random, &Promised::default(), n_actions);
        let complete = SimulatedDisk::new();
        run(protocol, &complete, &actions, &mut Promised::default());
        for moment in 0..=complete.n_operations() {
            let disk = SimulatedDisk::new().losing_power_at(moment);
            let mut promised = Promised::default();
            run(protocol, &disk, &actions, &mut promised);
            for draw in 0..=DRAWS_PER_MOMENT {
                if points == n_points {
                    return (points, None);
                }
                points += 1;
                // The last point of a moment: only the program stopped there, the disk went on.
                let violation = if draw == DRAWS_PER_MOMENT {
                    let disk = SimulatedDisk::new().losing_power_at(moment);
                    run(protocol, &disk, &actions, &mut Promised::default());
                    go_on(protocol, disk, promised.clone(), &mut random)
                } else {
                    let found = disk.crash(&mut random);
                    let broken = promised.violation(&found);
                    broken.or_else(|| restart(protocol, found, promised.clone(), &mut random))
                };
                if let Some(violation) = violation {
                    let place = format!("scenario {scenario_number}, operation {moment}");
                    return (points, Some(format!("{place}: {violation}; {actions:?}")));
                }
            }
        }
    }
    (points, None)
}

/// Some points go on after the power is back: with or without recovery, with more actions.
fn restart(
    protocol: &Protocol,
    found: SimulatedDisk,
    mut promised: Promised,
    random: &mut Random,
) -> Option<String> {
    if random.below(4) != 0 {
        return None;
    }
    promised.settle(&found);
    if random.below(2) == 0 {
        let storage = DiskStorage::new(&found);
        let directories = promised.directories.iter().cloned();
        for directory in directories.chain([StorePath::root()]) {
            storage.recover(&directory).unwrap();
            let (all, shown) = (
                found.list(&directory).unwrap(),
                storage.list(&directory).unwrap(),
            );
            if all.len() != shown.len() {
                return Some(format!(
                    "temporary files in {directory} after recovery: {all:?}"
                ));
            }
        }
        if let Some(violation) = promised.violation(&found) {
            return Some(format!("after recovery: {violation}"));
        }
    }
    go_on(protocol, found, promised, random)
}

/// More actions of a new process on this disk, and a loss of power among them.
fn go_on(
    protocol: &Protocol,
    disk: SimulatedDisk,
    mut promised: Promised,
    random: &mut Random,
) -> Option<String> {
    let actions = scenario(random, &promised, 3);
    let power_lost_at = disk.n_operations() + random.below(20);
    let disk = disk.losing_power_at(power_lost_at);
    run(protocol, &disk, &actions, &mut promised);
    let violation = promised.violation(&disk.crash(random))?;
    Some(format!("going on: {violation}; {actions:?}"))
}

fn n_points() -> u64 {
    #[expect(clippy::disallowed_methods, reason = "a switch of the test alone")]
    let written = std::env::var("CASEMATE_POWER_LOSS_POINTS").ok();
    written.map_or(POINTS_DEFAULT, |text| {
        text.parse()
            .unwrap_or_else(|_| panic!("CASEMATE_POWER_LOSS_POINTS: `{text}` is no number"))
    })
}

#[test]
fn no_point_breaks_a_promise() {
    let wanted = n_points();
    // Two halves at a time; they share no scenario.
    let halves = [("first", wanted / 2), ("second", wanted - wanted / 2)];
    let results: Vec<_> = std::thread::scope(|scope| {
        let threads = halves.map(|(half, points)| {
            scope.spawn(move || search(&REAL, &Seed::from(2026).derive(half), points))
        });
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    let mut points = 0;
    for (searched, violation) in results {
        assert_eq!(violation, None);
        points += searched;
    }
    assert_eq!(points, wanted);
    println!("{points} points of power loss, 0 violations");
}

#[test]
fn every_planted_bug_is_caught() {
    for protocol in PLANTED {
        let (points, violation) = search(&protocol, &Seed::from(1), POINTS_TO_CATCH);
        let violation = violation.unwrap_or_else(|| panic!("`{}` is not caught", protocol.name));
        let shown: String = violation.chars().take(100).collect();
        println!("`{}` is caught at point {points}: {shown}", protocol.name);
    }
}

/// Looks for a write that succeeded although a sync failed, and that a crash then takes away.
fn lost_after_failed_sync(protocol: &Protocol) -> Option<String> {
    let (old, new) = (vec![1; 700], vec![2; 900]);
    let target = path("x");
    let mut random = Random::new(&Seed::from(5));
    let clean = SimulatedDisk::new();
    (protocol.write)(&clean, &target, &old).unwrap();
    let first = clean.n_operations();
    (protocol.write)(&clean, &target, &new).unwrap();
    for operation in first..clean.n_operations() {
        let disk = SimulatedDisk::new().failing_sync_at(operation);
        (protocol.write)(&disk, &target, &old).unwrap();
        let acknowledged = (protocol.write)(&disk, &target, &new).is_ok();
        for _ in 0..50 {
            let found = disk.crash(&mut random).read(&target, u64::MAX).ok();
            let whole =
                found.as_ref() == Some(&new) || (!acknowledged && found.as_ref() == Some(&old));
            if !whole {
                let length = found.map(|content| content.len());
                return Some(format!(
                    "operation {operation}: {length:?} bytes, acknowledged {acknowledged}"
                ));
            }
        }
    }
    None
}

#[test]
fn a_failed_sync_is_not_believed_later() {
    assert_eq!(lost_after_failed_sync(&REAL), None);
    assert!(
        lost_after_failed_sync(&SYNC_RETRIED).is_some(),
        "`{}`",
        SYNC_RETRIED.name
    );
}

const KIND: [u8; 4] = *b"test";

/// Writes a record without any sync, cuts the power, and reads what is there. Returns how many
/// damaged records the reader took for whole, of how many that were damaged.
fn torn_records(reader: fn(&[u8]) -> Option<Vec<u8>>) -> (u64, u64) {
    let mut random = Random::new(&Seed::from(6));
    let (mut accepted, mut damaged) = (0, 0);
    for round in 0..5000 {
        let mut payload = vec![0; LENGTHS[round % LENGTHS.len()]];
        random.fill_bytes(&mut payload);
        let record = frame(KIND, 1, &payload);
        let disk = SimulatedDisk::new();
        let target = path("record");
        let mut file = disk.create_new(&target).unwrap();
        // The record goes out in two writes, so that versions in between exist.
        let cut = random.index(record.len()).unwrap();
        file.write_at(0, &record[..cut]).unwrap();
        file.write_at(cut as u64, &record[cut..]).unwrap();
        disk.sync_dir(&StorePath::root()).unwrap();
        drop(file);
        let found = disk.crash(&mut random).read(&target, u64::MAX).unwrap();
        match (found == record, reader(&found)) {
            (true, read) => assert_eq!(read, Some(payload), "a whole record is read"),
            (false, read) => {
                damaged += 1;
                accepted += u64::from(read.is_some());
            }
        }
    }
    (accepted, damaged)
}

#[test]
fn a_torn_record_is_refused() {
    let checked = |bytes: &[u8]| {
        unframe(KIND, bytes)
            .ok()
            .map(|record| record.payload.to_vec())
    };
    let (accepted, damaged) = torn_records(checked);
    assert_eq!(accepted, 0);
    assert!(damaged > 1000, "{damaged}");
    // Planted: a reader that trusts magic and length, and forgets the checksum.
    let trusting = |bytes: &[u8]| {
        let length = u64::from_le_bytes(bytes.get(12..20)?.try_into().ok()?);
        let payload = bytes.get(FRAME_HEADER_BYTES..)?;
        let whole = bytes.starts_with(b"RFM1") && payload.len() as u64 == length;
        whole.then(|| payload.to_vec())
    };
    let (accepted, _) = torn_records(trusting);
    assert!(accepted > 0, "`torn record accepted` is not caught");
}

#[test]
fn the_same_seed_gives_the_same_states() {
    let states = |seed: u64| {
        let disk = SimulatedDisk::new();
        let mut file = disk.create_new(&path("x")).unwrap();
        file.write_at(0, &[7; 2000]).unwrap();
        drop(file);
        let mut random = Random::new(&Seed::from(seed));
        (0..50)
            .map(|_| disk.crash(&mut random).read(&path("x"), u64::MAX).ok())
            .collect::<Vec<_>>()
    };
    assert_eq!(states(1), states(1));
    let distinct: BTreeSet<_> = states(1).into_iter().collect();
    assert!(distinct.len() > 10, "{}", distinct.len());
    assert!(distinct.contains(&None) && distinct.contains(&Some(vec![7; 2000])));
}
