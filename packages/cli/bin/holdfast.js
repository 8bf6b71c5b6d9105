#!/usr/bin/env node
// Stands before anything is built, so that npm can link it at install.
await import("../dist/bin.js");
