export function Widget() {
  // <Chat model="gpt-4" />
  return (
    <div title="About gpt-4 and others">
      {/* <Chat model="gpt-4-turbo" /> */}
      It's not gpt-4.
      <Chat model="gpt-5.1-codex" temperature={0} /> {/* finds openai/gpt-5.1-codex */}
    </div>
  );
}
