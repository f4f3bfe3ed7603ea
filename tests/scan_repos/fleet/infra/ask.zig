//! Asks "gpt-4".
const std = @import("std");
/// Before: "gpt-4-turbo".
pub const model = "gpt-5-mini"; // finds openai/gpt-5-mini
const quote: u8 = '"'; // "gpt-4"
