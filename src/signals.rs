//! What the system tells the process: to end, or to read its files again.

/// Does something whenever the process is told to read its files again; nowhere but on Unix is it.
#[cfg(not(unix))]
pub async fn on_reload(_: impl Fn()) {}

/// Does something whenever the process is told to read its files again.
#[cfg(unix)]
pub async fn on_reload(reload: impl Fn()) {
    use tokio::signal::unix::{SignalKind, signal};

    if let Ok(mut on_reload) = signal(SignalKind::hangup()) {
        while on_reload.recv().await.is_some() {
            reload();
        }
    }
}

/// Resolves when the process is asked to end.
#[cfg(not(unix))]
pub async fn shutdown_signal() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Resolves when the process is asked to end; it listens from now on, not only from when it is awaited.
#[cfg(unix)]
pub fn shutdown_signal() -> impl Future<Output = ()> + Send + 'static {
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
