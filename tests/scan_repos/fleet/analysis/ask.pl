# my $model = "gpt-4";
my $model = "grok-4"; # finds xai/grok-4

=pod

model = "gpt-4"

=cut

my $other = 'mistral-large-latest'; # finds mistral/mistral-large-latest
