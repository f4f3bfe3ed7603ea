// const model = "gpt-4";
/* model: "claude-3-opus-20240229" */
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";

/**
 * @example ask("gpt-4-turbo")
 */
export const MODEL: string = "claude-sonnet-4-5-20250929"; // finds anthropic/claude-sonnet-4-5-20250929
const judge = process.env.JUDGE_MODEL ?? "gpt-4.1"; // finds openai/gpt-4.1
const quoted = /["'`]gpt-4["'`]/;
const half = total / 2; const third = 'gpt-4o-mini'; // finds openai/gpt-4o-mini
type Known = "gpt-5" | "other"; // finds openai/gpt-5

export async function ask(question: string) {
  const client = new Anthropic();
  const reply = await client.messages.create({
    model: "claude-opus-4-5-20251101", // finds anthropic/claude-opus-4-5-20251101
    max_tokens: 1024,
    temperature: 0.7, // gpt-4 liked 0
    tools: [{ name: "weather", input_schema: { properties: { top_p: { type: "number" } } } }],
    messages: [{ role: "user", content: `Say why "gpt-4" is not ${MODEL}: ${question}` }],
  });
  return reply.content;
}

export const PRICES = { "gpt-4o": 2.5, 'gpt-5-mini': 0.25 }; // finds openai/gpt-4o openai/gpt-5-mini
const route = `${prefix}/claude-haiku-4-5`; // finds anthropic/claude-haiku-4-5
export const deployed = azure("gpt-4o"); // finds azure/gpt-4o
const broken = `gpt-4${suffix}`;
if (name.startsWith("gpt-4") || name === "o1-preview") { // finds openai/o1-preview
  throw new Error("gpt-4 is gone, it's over");
}
const url = "https://generativelanguage.googleapis.com/v1beta/models/gemini-3.5-flash:generateContent"; // finds gemini/gemini-3.5-flash
