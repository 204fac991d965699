// An ASP.NET Core application with Kestrel's defaults and a page of 1 KiB. Usage: kestrel PORT [BACKLOG [CERTIFICATE KEY]]
using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;

WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
if (args.Length > 1) builder.WebHost.UseSockets(sockets => sockets.Backlog = int.Parse(args[1], CultureInfo.InvariantCulture));
if (args.Length > 3) builder.WebHost.UseKestrelHttpsConfiguration();
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, int.Parse(args[0], CultureInfo.InvariantCulture), listen =>
{
    if (args.Length > 3) listen.UseHttps(X509Certificate2.CreateFromPemFile(args[2], args[3]));
}));
WebApplication app = builder.Build();
string page = new('x', 1024);
app.MapGet("/", () => page);
app.Run();
