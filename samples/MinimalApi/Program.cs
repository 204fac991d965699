using Rcomm.Kestrel;
using Rcomm.Listening;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddHealthChecks();
if (!args.Contains("--without"))
{
    builder.WebHost.UseListenQueue(options => options.Backlog = Backlog.Max);
    builder.Services.AddHealthChecks().AddListenQueue();
}

var app = builder.Build();
app.MapGet("/", () => "Hello!");
app.MapHealthChecks("/healthz");
app.MapGet("/queues", (ListenQueues? queues) => queues?.All.Select(queue => queue.Snapshot().ToString()) ?? []);
app.Run();
