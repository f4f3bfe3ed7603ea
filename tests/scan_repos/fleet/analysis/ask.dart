// final model = 'gpt-4';
final model = 'gemini-3.1-flash-lite'; // finds gemini/gemini-3.1-flash-lite
final text = """it's gpt-4""";
