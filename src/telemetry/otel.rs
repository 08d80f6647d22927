//! Traces for an OpenTelemetry collector, configured by the standard `OTEL_*` variables; needs the feature `otel`.

use std::sync::OnceLock;

use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use tokio_rustls::rustls::crypto::ring;
use tracing::{Span, Subscriber};
use tracing_opentelemetry::{OpenTelemetryLayer, OpenTelemetrySpanExt};
use tracing_subscriber::registry::LookupSpan;

static PROVIDER: OnceLock<SdkTracerProvider> = OnceLock::new();

/// The layer that sends spans; none if no exporter can be built.
pub fn layer<S: Subscriber + for<'a> LookupSpan<'a>>() -> Option<OpenTelemetryLayer<S, SdkTracer>> {
    // The exporter's HTTP client has no TLS of its own; a second installation changes nothing.
    let _ = ring::default_provider().install_default();
    let exporter = SpanExporter::builder().with_http().build().ok()?;
    let provider = SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(resource())
        .build();
    let tracer = provider.tracer("autotask-mcp");
    PROVIDER.set(provider).ok()?;
    Some(tracing_opentelemetry::layer().with_tracer(tracer))
}

/// The resource of the spans; `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` override the name of the program.
fn resource() -> Resource {
    let named = Resource::builder().build();
    let unnamed = "unknown_service";
    let name = named.get(&"service.name".into()).map(|name| name.to_string());
    match name.filter(|name| !name.starts_with(unnamed)) {
        Some(_) => named,
        None => Resource::builder().with_service_name("autotask-mcp").build(),
    }
}

/// Makes a span part of a trace, given as a W3C `traceparent`.
pub fn set_parent(span: &Span, traceparent: &str) {
    let carrier =
        std::collections::HashMap::from([("traceparent".to_owned(), traceparent.to_owned())]);
    // Without a collector there is no trace to join.
    let _ = span.set_parent(TraceContextPropagator::new().extract(&carrier));
}

/// Sends the remaining spans.
pub fn shutdown() {
    if let Some(provider) = PROVIDER.get() {
        let _ = provider.shutdown();
    }
}
