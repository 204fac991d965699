// A typical ASP.NET Core application: the builder's and Kestrel's defaults, and static files.
WebApplicationBuilder builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, WebRootPath = args[1] });
builder.WebHost.UseUrls($"http://127.0.0.1:{args[0]}");
if (args.Length > 2) builder.WebHost.UseSockets(sockets => sockets.Backlog = int.Parse(args[2], System.Globalization.CultureInfo.InvariantCulture));
builder.Logging.SetMinimumLevel(LogLevel.Warning);

WebApplication app = builder.Build();
app.UseStaticFiles();
app.Run();
