//! The Me tab: who is signed in, the wallet, the devices, and what one wants to be told of.

use campuszon_core::{
    SearchId, SessionId, Timestamp, UserId,
    safe::SafeText,
    wire::{
        account::{Device, Devices, Profile},
        notification::{EditPreferences, NotificationKind, Preferences, Search, Searches},
        wallet::{TokenEntry, TokenReason, Wallet},
    },
};

use super::{List, Load, Page, Record};

/// One's own profile, made safe for the screen.
#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    pub id: UserId,
    pub name: SafeText,
    pub email: SafeText,
    pub campus: SafeText,
    pub residence: SafeText,
    pub phone: SafeText,
    pub hide_presence: bool,
    pub tokens: i64,
    pub rating: Option<f64>,
    pub review_count: i64,
    pub joined: Timestamp,
}

impl Card {
    /// The card of a profile.
    pub fn new(profile: &Profile) -> Self {
        Self {
            id: profile.id,
            name: SafeText::line(&profile.name),
            email: SafeText::line(&profile.email),
            campus: SafeText::line(&profile.campus),
            residence: SafeText::line(profile.residence.as_deref().unwrap_or_default()),
            phone: SafeText::line(profile.phone.as_deref().unwrap_or_default()),
            hide_presence: profile.hide_presence,
            tokens: profile.tokens,
            rating: profile.rating,
            review_count: profile.review_count,
            joined: profile.joined,
        }
    }
}

/// What can be done in the tab, in the order of its rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MenuRow {
    #[default]
    Name,
    Residence,
    Phone,
    Presence,
    Wallet,
    Redeem,
    Searches,
    Notifications,
    Devices,
    SignOut,
}

impl MenuRow {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Name,
        Self::Residence,
        Self::Phone,
        Self::Presence,
        Self::Wallet,
        Self::Redeem,
        Self::Searches,
        Self::Notifications,
        Self::Devices,
        Self::SignOut,
    ];

    /// Its name for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Name => "Name",
            Self::Residence => "Residence",
            Self::Phone => "Phone",
            Self::Presence => "Presence",
            Self::Wallet => "Wallet",
            Self::Redeem => "Voucher",
            Self::Searches => "Searches",
            Self::Notifications => "Told of",
            Self::Devices => "Devices",
            Self::SignOut => "Sign out",
        }
    }
}

/// A list that a row of the tab leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Section {
    Wallet,
    Notifications,
    Devices,
    Searches,
}

/// A movement of the balance. Nothing else tells two of them apart but when they were and what they left.
#[derive(Clone, Debug, PartialEq)]
pub struct WalletRow {
    pub delta: i64,
    pub reason: TokenReason,
    pub balance: i64,
    pub created_at: Timestamp,
}

impl Record for WalletRow {
    type Id = (i64, i64, i64);

    fn id(&self) -> Self::Id {
        (self.created_at.millis(), self.balance, self.delta)
    }
}

impl From<&TokenEntry> for WalletRow {
    fn from(entry: &TokenEntry) -> Self {
        Self { delta: entry.delta, reason: entry.reason, balance: entry.balance, created_at: entry.created_at }
    }
}

/// A page of the movements.
pub fn wallet_page(page: &Wallet) -> Page<WalletRow> {
    Page { rows: page.entries.iter().map(WalletRow::from).collect(), next: page.next_cursor.clone(), total: None }
}

/// A device that is signed in.
#[derive(Clone, Debug, PartialEq)]
pub struct DeviceRow {
    pub id: SessionId,
    pub name: SafeText,
    /// Whether it is this one.
    pub current: bool,
    pub last_used_at: Timestamp,
}

impl Record for DeviceRow {
    type Id = SessionId;

    fn id(&self) -> SessionId {
        self.id
    }
}

impl From<&Device> for DeviceRow {
    fn from(device: &Device) -> Self {
        let name = SafeText::line(device.device.as_deref().unwrap_or("a device without a name"));
        Self { id: device.id, name, current: device.current, last_used_at: device.last_used_at }
    }
}

/// A page of the devices.
pub fn device_page(page: &Devices) -> Page<DeviceRow> {
    Page { rows: page.sessions.iter().map(DeviceRow::from).collect(), next: page.next_cursor.clone(), total: None }
}

/// A saved search.
#[derive(Clone, Debug, PartialEq)]
pub struct SearchRow {
    pub id: SearchId,
    pub name: SafeText,
    /// As in the search box.
    pub query: String,
    pub matches: i64,
}

impl Record for SearchRow {
    type Id = SearchId;

    fn id(&self) -> SearchId {
        self.id
    }
}

impl From<&Search> for SearchRow {
    fn from(search: &Search) -> Self {
        // What is run as a query is shown in the search box.
        let query = SafeText::line(&search.query).to_string();
        Self { id: search.id, name: SafeText::line(&search.name), query, matches: search.matches }
    }
}

/// A page of the saved searches.
pub fn search_page(page: &Searches) -> Page<SearchRow> {
    Page { rows: page.searches.iter().map(SearchRow::from).collect(), next: page.next_cursor.clone(), total: None }
}

/// Something one can want to be told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wish {
    /// No bell at certain hours, here.
    Quiet,
    /// A daily mail of what was not read.
    Digest,
    Kind(NotificationKind),
}

/// A wish and whether it is one.
#[derive(Clone, Debug, PartialEq)]
pub struct WishRow {
    pub wish: Wish,
    pub on: bool,
}

impl Record for WishRow {
    type Id = Wish;

    fn id(&self) -> Wish {
        self.wish
    }
}

/// All wishes.
pub fn wish_page(preferences: &Preferences) -> Page<WishRow> {
    // Whether it is on is a setting of this machine, which the row shows.
    let quiet = WishRow { wish: Wish::Quiet, on: true };
    let digest = WishRow { wish: Wish::Digest, on: preferences.digest };
    let kinds = NotificationKind::ALL.iter();
    let told = |kind: &NotificationKind| WishRow { wish: Wish::Kind(*kind), on: !preferences.muted.contains(kind) };
    Page { rows: [quiet, digest].into_iter().chain(kinds.map(told)).collect(), next: None, total: None }
}

/// The Me tab.
#[derive(Clone, Debug, Default)]
pub struct Me {
    pub load: Load,
    pub card: Option<Card>,
    pub selected: usize,
    /// The list that is open.
    pub section: Option<Section>,
    pub wallet: List<WalletRow>,
    pub wishes: List<WishRow>,
    pub devices: List<DeviceRow>,
    pub searches: List<SearchRow>,
}

impl Me {
    /// The selected row.
    pub fn choice(&self) -> MenuRow {
        MenuRow::ALL.get(self.selected).copied().unwrap_or_default()
    }

    /// How far the loading of a list is.
    pub fn load_of(&mut self, section: Section) -> &mut Load {
        match section {
            Section::Wallet => &mut self.wallet.load,
            Section::Notifications => &mut self.wishes.load,
            Section::Devices => &mut self.devices.load,
            Section::Searches => &mut self.searches.load,
        }
    }

    /// What the rows say that one wants to be told of.
    pub fn wanted(&self) -> EditPreferences {
        let off = self.wishes.rows.iter().filter(|row| !row.on);
        let muted = off.filter_map(|row| match row.wish {
            Wish::Kind(kind) => Some(kind),
            Wish::Quiet | Wish::Digest => None,
        });
        let digest = self.wishes.find(Wish::Digest).map(|row| row.on);
        EditPreferences { muted: Some(muted.collect()), digest }
    }
}
