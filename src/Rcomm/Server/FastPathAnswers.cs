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
/// What the site has ready, told to the fast path, and what the fast path answered, recorded. A server that drains answers nothing
/// here: Kestrel's path tells clients so.
/// </summary>
/// <param name="isHttps">True for the endpoints with TLS.</param>
internal sealed class FastPathAnswers(HostedSites sites, ConnectionDrain drain, FastPathRecorder recorder, PlainRequestLimits limits, bool isHttps)
    : IReadyAnswers
{
    public PlainRequestLimits Limits => limits;

    public static FastPathAnswers Of(IServiceProvider services, ServeSettings settings, bool isHttps) => new(
        services.GetRequiredService<HostedSites>(), services.GetRequiredService<ConnectionDrain>(),
        new(services.GetRequiredService<LogOutputs>().AccessLog, services.GetRequiredService<RequestMetrics>(), isHttps),
        FastPathPolicy.LimitsOf(settings.Http.Limits), isHttps);

    public ReadyAnswer? Find(in PlainRequest request, long moment) => drain.HasBegun ? null : sites.Ready.Find(request, isHttps, moment);

    public void Answered(in PlainRequest request, ReadyAnswer answer, IPAddress? client, long number, long started) =>
        recorder.Answered(request, (PublishedAnswer)answer, client, number, started);
}
