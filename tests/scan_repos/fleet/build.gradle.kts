dependencies {
    // implementation("com.openai:openai-java:0.1.0")
    implementation("com.anthropic:anthropic-java:2.11.0")
    implementation("com.openai:openai-java:4.8.0")
}
