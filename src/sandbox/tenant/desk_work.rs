//! Half a year at the service desk: tickets, and the notes, time and history on them.

use jiff::ToSpan;
use jiff::civil::{DateTime, date};
use serde_json::json;

use crate::catalog::Entity;

use super::super::store::{Record, Store, record, whole};
use super::chance::Chance;
use super::customers::Customer;
use super::words::{Topic, Words};

const TICKETS: i64 = 300;
const FIRST_TICKET: i64 = 8001;
/// From New Year's Day to the tenant's present.
const DAYS: i64 = 181;
/// Technicians of the service desk, each with a role that they hold.
const CREW: [(i64, i64); 5] = [(3002, 501), (3003, 502), (3004, 501), (3005, 501), (3006, 502)];
const OPEN: [i64; 9] = [1, 1, 1, 7, 8, 8, 9, 12, 19];
const SOURCES: [i64; 5] = [2, 4, 4, -1, 6];
const PRIORITIES: [i64; 6] = [1, 2, 2, 3, 3, 4];
const QUEUES: [i64; 4] = [29_680_007, 29_680_007, 29_680_008, 29_680_009];

/// Fills in the tickets and what hangs on them.
pub(super) fn fill(store: &mut Store, words: &Words) {
    let customers = Customer::all(store);
    let mut desk = Desk { chance: Chance::new(), words, notes: 9001, entries: 5300 };
    for number in 0..TICKETS {
        if desk.ticket(store, number, &customers).is_none() {
            return;
        }
    }
}

/// The desk at work, with the next ids of what it writes.
struct Desk<'a> {
    chance: Chance,
    words: &'a Words<'a>,
    notes: i64,
    entries: i64,
}

impl Desk<'_> {
    fn ticket(&mut self, store: &mut Store, number: i64, customers: &[Customer]) -> Option<()> {
        let id = FIRST_TICKET + number;
        let opened = self.moment(number)?;
        let customer = self.chance.pick(customers)?;
        let topic = self.chance.pick(&self.words.topics)?;
        let mut ticket = self.opening(opened, number, topic)?;
        self.customer(&mut ticket, customer);
        self.assign(&mut ticket);
        self.close(&mut ticket, opened, number);
        self.time(store, id, (&ticket, opened, topic));
        self.note(store, id, &ticket, opened);
        store.put(Entity::Tickets, id, ticket);
        Some(())
    }

    /// When a ticket comes in: one or two a day, the later one after noon.
    fn moment(&mut self, number: i64) -> Option<DateTime> {
        let day = number * DAYS / TICKETS;
        let second = number > 0 && (number - 1) * DAYS / TICKETS == day;
        let hour = if second { 12 + self.chance.below(3) } else { 8 + self.chance.below(4) };
        let minutes = i64::try_from(hour * 60 + self.chance.below(60)).ok()?;
        let start = date(2026, 1, 1).at(0, 0, 0, 0);
        start.checked_add(day.days().minutes(minutes)).ok()
    }

    fn opening(&mut self, opened: DateTime, number: i64, topic: &Topic) -> Option<Record> {
        let at = spelled(opened);
        let second = 1 + i64::from(opened.hour() >= 12 && number > 0);
        let machine = topic.sub == 122 || topic.sub == 141;
        let source = *self.chance.pick(&SOURCES)?;
        let queue = *self.chance.pick(&QUEUES)?;
        let kind = 1 + i64::from(self.chance.percent(40));
        Some(record([
            ("ticketNumber", format!("T{}.{second:04}", digits(opened)).into()),
            ("title", (*self.chance.pick(&topic.titles)?).into()),
            ("description", (*self.chance.pick(&topic.descriptions)?).into()),
            ("status", self.status(number).into()),
            ("priority", (*self.chance.pick(&PRIORITIES)?).into()),
            ("issueType", topic.issue.into()),
            ("subIssueType", topic.sub.into()),
            ("source", if machine { 8 } else { source }.into()),
            ("ticketType", if machine { 5 } else { kind }.into()),
            ("ticketCategory", 3.into()),
            ("queueID", if machine { 8 } else { queue }.into()),
            ("createDate", at.as_str().into()),
            ("lastActivityDate", at.into()),
            ("dueDateTime", spelled(opened.checked_add(3.days()).ok()?).into()),
            ("creatorResourceID", 3002.into()),
            ("creatorType", 1.into()),
            ("estimatedHours", 1.0.into()),
        ]))
    }

    fn status(&mut self, number: i64) -> i64 {
        let old = number < TICKETS * 5 / 6;
        match self.chance.below(100) {
            0..3 if old => 16,
            3..95 if old => 5,
            0..30 => 5,
            _ => self.chance.pick(&OPEN).copied().unwrap_or(1),
        }
    }

    fn customer(&mut self, ticket: &mut Record, customer: &Customer) {
        ticket.insert("companyID".into(), customer.company.into());
        set(ticket, "companyLocationID", customer.location);
        set(ticket, "contractID", customer.contract);
        if self.chance.percent(85) {
            set(ticket, "contactID", self.chance.pick(&customer.contacts).copied());
        }
        if self.chance.percent(30) {
            set(ticket, "configurationItemID", self.chance.pick(&customer.devices).copied());
        }
    }

    fn assign(&mut self, ticket: &mut Record) {
        let waits = whole(ticket, "status") == Some(1) && self.chance.percent(70);
        if let Some((resource, role)) = self.chance.pick(&CREW).filter(|_| !waits) {
            ticket.insert("assignedResourceID".into(), (*resource).into());
            ticket.insert("assignedResourceRoleID".into(), (*role).into());
            ticket.insert("billingCodeID".into(), 801.into());
        }
    }

    fn close(&mut self, ticket: &mut Record, opened: DateTime, number: i64) {
        let hours = i64::try_from(1 + self.chance.below(60)).unwrap_or(1);
        let latest = date(2026, 6, 30).at(14, 55, 0, 0);
        let closed = opened.checked_add(hours.hours()).unwrap_or(opened).min(latest);
        let at = spelled(closed);
        ticket.insert("lastActivityDate".into(), at.as_str().into());
        if !matches!(whole(ticket, "status"), Some(5 | 16)) {
            return;
        }
        ticket.insert("resolution".into(), "Solved and confirmed with the user.".into());
        ticket.insert("resolvedDateTime".into(), at.as_str().into());
        if whole(ticket, "status") == Some(5) {
            set(ticket, "completedByResourceID", whole(ticket, "assignedResourceID"));
            ticket.insert("completedDate".into(), at.into());
        }
        if number % 4 == 0 {
            let level = json!({ "Escalation Level": "1" });
            ticket.insert("userDefinedFields".into(), level);
        }
    }

    fn note(&mut self, store: &mut Store, id: i64, ticket: &Record, opened: DateTime) {
        for later in 0..self.chance.below(4) {
            let Some((title, text)) = self.chance.pick(&self.words.notes) else {
                return;
            };
            let minutes = i64::try_from(later * 45 + 10).unwrap_or(10);
            let at = spelled(opened.checked_add(minutes.minutes()).unwrap_or(opened));
            let author = whole(ticket, "assignedResourceID").unwrap_or(3002);
            let publish = if self.chance.percent(40) { 1 } else { 2 };
            let note = record([
                ("ticketID", id.into()),
                ("title", (*title).into()),
                ("description", (*text).into()),
                ("noteType", 3.into()),
                ("publish", publish.into()),
                ("createDateTime", at.as_str().into()),
                ("lastActivityDate", at.into()),
                ("creatorResourceID", author.into()),
            ]);
            put(store, Entity::TicketNotes, &mut self.notes, note);
        }
    }

    fn time(&mut self, store: &mut Store, id: i64, about: (&Record, DateTime, &Topic)) {
        let (ticket, opened, topic) = about;
        let Some(resource) = whole(ticket, "assignedResourceID") else {
            return;
        };
        for later in 0..=self.chance.below(2) {
            let quarters = i64::try_from(1 + self.chance.below(8)).unwrap_or(1);
            let wait = i64::try_from(20 + later * 150).unwrap_or(20);
            let start = opened.checked_add(wait.minutes()).unwrap_or(opened);
            let end = start.checked_add((quarters * 15).minutes()).unwrap_or(start);
            let hours = f64::from(i32::try_from(quarters).unwrap_or(1)) / 4.0;
            let done = spelled(end);
            let mut entry = record([
                ("ticketID", id.into()),
                ("resourceID", resource.into()),
                ("timeEntryType", 2.into()),
                ("billingCodeID", 801.into()),
                ("dateWorked", format!("{}T00:00:00Z", opened.date()).into()),
                ("startDateTime", spelled(start).into()),
                ("endDateTime", done.as_str().into()),
                ("hoursWorked", hours.into()),
                ("hoursToBill", hours.into()),
                ("isNonBillable", false.into()),
                ("showOnInvoice", true.into()),
                ("summaryNotes", (*self.chance.pick(&topic.work).unwrap_or(&"")).into()),
                ("createDateTime", done.as_str().into()),
                ("lastModifiedDateTime", done.into()),
                ("creatorUserID", resource.into()),
            ]);
            set(&mut entry, "roleID", whole(ticket, "assignedResourceRoleID"));
            set(&mut entry, "contractID", whole(ticket, "contractID"));
            if opened.month() < 3 {
                entry.insert("billingApprovalDateTime".into(), "2026-03-01T09:00:00Z".into());
            }
            put(store, Entity::TimeEntries, &mut self.entries, entry);
        }
    }
}

fn set(record: &mut Record, field: &str, value: Option<i64>) {
    if let Some(value) = value {
        record.insert(field.into(), value.into());
    }
}

fn put(store: &mut Store, entity: Entity, next: &mut i64, record: Record) {
    store.put(entity, *next, record);
    *next += 1;
}

/// The day without its dashes, as numbers spell it.
fn digits(moment: DateTime) -> String {
    format!("{:04}{:02}{:02}", moment.year(), moment.month(), moment.day())
}

fn spelled(moment: DateTime) -> String {
    format!("{moment}Z")
}
