// var model = "gpt-4";
/// <summary>Asks "gpt-4".</summary>
public class Ask
{
    private const string Model = "gpt-4.1-nano"; // finds openai/gpt-4.1-nano
    private readonly string path = @"C:\gpt-4\";
    private readonly string chat = "gemini-3.5-flash-lite"; // finds gemini/gemini-3.5-flash-lite
    public void Run()
    {
        var options = new MessageParameters { Model = "claude-opus-4-7", Temperature = 0.5m }; // finds anthropic/claude-opus-4-7
        var raw = """{"model": "gpt-4o-2024-05-13"}"""; // finds openai/gpt-4o-2024-05-13
        Console.WriteLine($"not gpt-4 but {options.Model}");
        if (name.StartsWith("gpt-4")) return;
    }
}
