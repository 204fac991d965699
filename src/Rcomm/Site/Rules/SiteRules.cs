namespace Rcomm.Site.Rules;

/// <summary>Requests for a path are sent to another URL.</summary>
internal sealed record Redirect(PathPattern From, string To, int Status);

/// <summary>Requests for a path are answered with what another path has; the client does not learn of it.</summary>
internal sealed record Rewrite(PathPattern From, string To);

/// <summary>Answers to a path have these headers; an empty value takes one away.</summary>
internal sealed record HeaderRule(PathPattern Path, IReadOnlyList<(string Name, string Value)> Headers);

/// <summary>How long clients may keep what a path has.</summary>
internal sealed record CacheRule(PathPattern Path, string Value);
