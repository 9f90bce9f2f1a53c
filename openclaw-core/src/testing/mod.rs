//! An embedded loopback server and other help for tests of hosts.
