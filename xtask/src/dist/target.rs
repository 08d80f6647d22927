//! The platforms with packages, and their names in Rust, npm and `PyPI`.

use std::env::consts::{ARCH, OS};

use autotask_schema::SchemaError;

/// One platform.
pub struct Target {
    pub triple: &'static str,
    /// The name of the operating system in npm and MCPB.
    pub os: &'static str,
    pub cpu: &'static str,
    /// The platform tags in a wheel's file name.
    pub wheel_tag: &'static str,
}

/// Every platform; Linux programs are static and run with any C library.
pub const TARGETS: [Target; 6] = [
    Target {
        triple: "x86_64-unknown-linux-musl",
        os: "linux",
        cpu: "x64",
        wheel_tag: "manylinux_2_17_x86_64.manylinux2014_x86_64.musllinux_1_1_x86_64",
    },
    Target {
        triple: "aarch64-unknown-linux-musl",
        os: "linux",
        cpu: "arm64",
        wheel_tag: "manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64",
    },
    Target {
        triple: "x86_64-apple-darwin",
        os: "darwin",
        cpu: "x64",
        wheel_tag: "macosx_10_12_x86_64",
    },
    Target {
        triple: "aarch64-apple-darwin",
        os: "darwin",
        cpu: "arm64",
        wheel_tag: "macosx_11_0_arm64",
    },
    Target { triple: "x86_64-pc-windows-msvc", os: "win32", cpu: "x64", wheel_tag: "win_amd64" },
    Target { triple: "x86_64-pc-windows-gnu", os: "win32", cpu: "x64", wheel_tag: "win_amd64" },
];

impl Target {
    /// The named target, or this machine's.
    ///
    /// # Errors
    /// There is no such target; the error lists all targets.
    pub fn find(triple: Option<&str>) -> Result<&'static Self, SchemaError> {
        let found = TARGETS.iter().find(|target| match triple {
            Some(triple) => target.triple == triple,
            None => target.is_host(),
        });
        found.ok_or_else(|| {
            let known: Vec<_> = TARGETS.iter().map(|target| target.triple).collect();
            SchemaError::new(format!("no packages for this target; known: {}", known.join(", ")))
        })
    }

    /// Whether this machine runs the target's programs.
    pub fn is_host(&self) -> bool {
        let os = match OS {
            "macos" => "darwin",
            "windows" => "win32",
            other => other,
        };
        os == self.os && self.triple.starts_with(ARCH)
    }

    /// The end of the name of the platform's npm package.
    pub fn platform(&self) -> String {
        format!("{}-{}", self.os, self.cpu)
    }

    /// The file name of the program.
    pub fn program(&self) -> String {
        format!("{}{}", super::product::NAME, self.exe_suffix())
    }

    fn exe_suffix(&self) -> &'static str {
        if self.os == "win32" { ".exe" } else { "" }
    }
}
