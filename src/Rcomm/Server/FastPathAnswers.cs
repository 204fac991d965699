using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Rcomm.Http;
using Rcomm.Requests;
using Rcomm.Settings;
using Rcomm.Site;
using Rcomm.Site.FastPath;
using Rcomm.Transport.FastPath;

namespace Rcomm.Server;

/// <summary>
/// Gives the fast path the site's ready answers, and records what it answered. During a drain it gives none, because only Kestrel's path tells clients
/// about it.
/// </summary>
/// <param name="isHttps">True for TLS endpoints.</param>
internal sealed class FastPathAnswers(HostedSites sites, ConnectionDrain drain, FastPathRecorder recorder, PlainRequestLimits limits, bool isHttps)
    : IReadyAnswers
{
    public PlainRequestLimits Limits => limits;

    public static FastPathAnswers Of(IServiceProvider services, ServeSettings settings, bool isHttps) => new(
        services.GetRequiredService<HostedSites>(), services.GetRequiredService<ConnectionDrain>(),
        new(services.GetRequiredService<LogOutputs>().AccessLog, services.GetRequiredService<RequestMetrics>(), isHttps),
        FastPathPolicy.LimitsOf(settings.Http.Limits), isHttps);

    public ReadyAnswer? Find(in PlainRequest request, long sentBefore) => drain.HasBegun ? null : sites.Ready.Find(request, isHttps, sentBefore);

    public void Answered(in PlainRequest request, ReadyAnswer answer, IPAddress? client, long number, long started) =>
        recorder.Answered(request, (PublishedAnswer)answer, client, number, started);
}
