//! Signals of the operating system: to shut down, or to reload files.

/// SIGHUP exists on Unix only, so this never runs the function.
#[cfg(not(unix))]
pub async fn on_reload(_: impl Fn()) {}

/// Runs a function on each SIGHUP.
#[cfg(unix)]
pub async fn on_reload(reload: impl Fn()) {
    use tokio::signal::unix::{SignalKind, signal};

    if let Ok(mut hangup) = signal(SignalKind::hangup()) {
        while hangup.recv().await.is_some() {
            reload();
        }
    }
}

/// Resolves when the process receives a signal to shut down.
#[cfg(not(unix))]
pub async fn shutdown_signal() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Resolves when the process receives a signal to shut down, also if it arrives before the future is first polled.
#[cfg(unix)]
pub fn shutdown_signal() -> impl Future<Output = ()> + Send + 'static {
    use tokio::signal::unix::{SignalKind, signal};

    let signals = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
        // Received and ignored: log rotation sends it, and the audit log is opened for each line anyway.
        signal(SignalKind::hangup()),
    );
    async {
        let (Ok(mut terminate), Ok(mut interrupt), _hangup) = signals else {
            return std::future::pending().await;
        };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    }
}
