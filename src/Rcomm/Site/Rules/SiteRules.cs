namespace Rcomm.Site.Rules;

/// <summary>Redirects requests for a path to another URL.</summary>
internal sealed record Redirect(PathPattern From, string To, int Status);

/// <summary>Answers requests for a path with the content of another path, invisibly to the client.</summary>
internal sealed record Rewrite(PathPattern From, string To);

/// <summary>Sets headers on responses to a path; an empty value removes one.</summary>
internal sealed record HeaderRule(PathPattern Path, IReadOnlyList<(string Name, string Value)> Headers);

/// <summary>Sets how long clients may cache what is at a path.</summary>
internal sealed record CacheRule(PathPattern Path, string Value);
