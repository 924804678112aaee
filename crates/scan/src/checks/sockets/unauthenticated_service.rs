//! Data and control services that ask for no password unless told to.

use super::exposed;
use crate::check::{Cx, Hit, Skip, check};
use crate::facts::sockets::Protocol;
use casemate_schema::Severity;

check! {
    /// # What it checks
    /// No service that by default lets everybody in listens beyond the loopback address: Redis,
    /// memcached, MongoDB, Elasticsearch, etcd, ZooKeeper, CouchDB, Cassandra, the Docker API, the
    /// read-only kubelet port, NFS, rsync, rpcbind, distcc, Java debuggers, Node.js inspectors.
    /// Whether a password was set is not looked at: the finding asks for a look.
    ///
    /// # Why it matters
    /// Robots search the internet for these ports and take over, encrypt or copy what they find within
    /// hours. The Docker API and debuggers give commands as their user without any weakness.
    ///
    /// # Example
    /// `tcp 0.0.0.0:6379`, held by `/usr/bin/redis-server`.
    ///
    /// # Instead
    /// Bind to 127.0.0.1 (`bind 127.0.0.1` in `redis.conf`, `-l 127.0.0.1` for memcached,
    /// `net.bindIp: 127.0.0.1` for MongoDB), set a password or client certificates, and filter the port.
    id: "socket-unauthenticated-service",
    surface: Sockets,
    title: "Service that asks for no password by default is open",
    severity: High,
    references: [Cwe "CWE-306", Attack "T1190"],
}

use Severity::{Critical, High, Low, Medium};
const TCP: Protocol = Protocol::Tcp;

const SERVICES: [(Protocol, u16, &str, Severity); 22] = [
    (TCP, 111, "rpcbind", Low),
    (Protocol::Udp, 111, "rpcbind", Low),
    (TCP, 873, "rsync", Medium),
    (TCP, 2049, "NFS", Medium),
    (TCP, 2181, "ZooKeeper", High),
    (TCP, 2375, "the Docker API without TLS", Critical),
    (TCP, 2379, "etcd", High),
    (TCP, 3632, "distcc", High),
    (TCP, 5005, "a Java debugger", Critical),
    (TCP, 5601, "Kibana", Medium),
    (TCP, 5984, "CouchDB", High),
    (TCP, 6379, "Redis", High),
    (TCP, 7000, "Cassandra (between nodes)", Medium),
    (TCP, 8500, "Consul", High),
    (TCP, 9042, "Cassandra", High),
    (TCP, 9092, "Kafka", Medium),
    (TCP, 9200, "Elasticsearch", High),
    (TCP, 9229, "a Node.js inspector", Critical),
    (TCP, 10255, "the read-only kubelet", Medium),
    (TCP, 11211, "memcached", High),
    (Protocol::Udp, 11211, "memcached", High),
    (TCP, 27017, "MongoDB", High),
];

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    let all = cx.facts.sockets()?;
    cx.limits(&all.limits);
    for one in exposed(all) {
        let service = SERVICES
            .iter()
            .find(|(protocol, port, _, _)| *protocol == one.protocol && *port == one.port);
        let Some((protocol, port, name, severity)) = service else {
            continue;
        };
        let program = one.program();
        let place = format!("{} {}:{port}", protocol.as_str(), one.address());
        let hit = Hit::new(format!("{name} is open on {place} ({program})"))
            .subject(format!("{} port {port}", protocol.as_str()))
            .key(&program)
            .severity(*severity)
            .evidence("address", place)
            .evidence("program", program);
        cx.hit(hit);
    }
    Ok(())
}
