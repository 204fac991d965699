using Rcomm.Kestrel;
using Rcomm.Listening.Monitoring;
using Rcomm.Listening.Sizing;

var builder = WebApplication.CreateBuilder(args);
bool without = args.Contains("--without");
IHealthChecksBuilder health = builder.Services.AddHealthChecks();
if (!without)
{
    builder.WebHost.UseListenQueue(options => options.Backlog = Backlog.Max);
    health.AddListenQueue();
}

var app = builder.Build();
app.MapGet("/", () => "Hello!");
app.MapHealthChecks("/healthz");
if (!without)
{
    app.MapGet("/queues", (ListenQueues queues) =>
        from queue in queues.All
        let now = queue.Snapshot()
        select new { queue.Name, now.Backlog, Waiting = now.Depth, now.Peak, now.Drops, now.Accepts });
}
app.Run();
