//! Local stand-ins of the four vendors Ligand connects to: Oracle Service Cloud (SOAP), Oracle
//! Sales Cloud, Infobip and Act! Premium (REST), and of two invented ones, Fernhill CRM, whose customers
//! grant access by OAuth, and Stonecrop, which takes signatures and keys. They speak the vendors' own protocols, keep their
//! state in memory and can be told to misbehave. They share no code with the connectors, so that
//! one misunderstanding cannot hide another.

mod actpremium;
mod basic;
mod call;
mod control;
mod faults;
mod fernhill;
#[cfg(test)]
mod harness;
mod infobip;
mod limits;
mod options;
mod oraclesalescloud;
mod records;
mod server;
mod servicecloud;
mod stonecrop;
mod vendor;
mod world;

pub use options::{Account, Clock, Credentials, Options};
pub use server::{Error, Sandbox, start};
