//! stub
/// Which proxy is used.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub enum ProxySettings {
    /// `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`, upper or lower case.
    #[default]
    Environment,
    /// None at all.
    Direct,
    /// This one for everything but the hosts of `no_proxy`.
    Url {
        /// Its address, such as `http://proxy.example:3128`.
        url: String,
        /// Hosts that are reached directly, in the form of `NO_PROXY`.
        no_proxy: Option<String>,
    },
}
