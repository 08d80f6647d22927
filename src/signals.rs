//! What the system tells the process: to end, or to read its files again.

/// Does something whenever the process is told to read its files again; nowhere but on Unix is it.
#[cfg(not(unix))]
pub async fn hung_up(_: impl Fn()) {}

/// Does something whenever the process is told to read its files again.
#[cfg(unix)]
pub async fn hung_up(reload: impl Fn()) {
    use tokio::signal::unix::{SignalKind, signal};

    if let Ok(mut hung_up) = signal(SignalKind::hangup()) {
        while hung_up.recv().await.is_some() {
            reload();
        }
    }
}

/// Resolves when the process is asked to end.
#[cfg(not(unix))]
pub async fn stopped() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Resolves when the process is asked to end; it listens from now on, not only from when it is awaited.
#[cfg(unix)]
pub fn stopped() -> impl Future<Output = ()> + Send + 'static {
    use tokio::signal::unix::{SignalKind, signal};

    let signals = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
        // Whoever rotates the audit log says so; it is opened anew for each line anyway.
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
