<p>Ask "gpt-4" here: model = 'gpt-4'</p>
<?php
// $model = 'gpt-4';
# $model = "gpt-4-turbo";
/** @var string $model "gpt-4" */
#[Attribute]
const MODEL = 'claude-3-5-sonnet-20241022'; // finds anthropic/claude-3-5-sonnet-20241022
$settings = ['model' => "gpt-3.5-turbo", 'temperature' => 0]; // finds openai/gpt-3.5-turbo
$prices = ['gpt-4' => 30, "it's" => 1]; // finds openai/gpt-4
echo "asking gpt-4 {$model}";
$model = $argv[1] ?: 'gemini-1.5-pro'; // finds gemini/gemini-1.5-pro
?>
<p>It's gpt-4, "gpt-4-turbo".</p>
