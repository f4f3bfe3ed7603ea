// "gpt-4"
/* "gpt-4-turbo" */
auto model = "Llama-3.3-70B-Instruct"; // finds open-weights/Llama-3.3-70B-Instruct
auto body = R"({"model": "gpt-4-0613"})"; // finds openai/gpt-4-0613
char q = '"';
