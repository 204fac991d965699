// An ASP.NET Core application with Kestrel's defaults and a page of 1 KiB. Usage: kestrel PORT [BACKLOG]
WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.UseUrls($"http://127.0.0.1:{args[0]}");
if (args.Length > 1) builder.WebHost.UseSockets(sockets => sockets.Backlog = int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture));
WebApplication app = builder.Build();
string page = new('x', 1024);
app.MapGet("/", () => page);
app.Run();
