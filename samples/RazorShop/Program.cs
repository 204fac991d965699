using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Rcomm.Kestrel;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddRazorPages();
builder.WebHost.ConfigureKestrel(kestrel => kestrel.ConfigureHttpsDefaults(https => https.ServerCertificate = ForTryingOut()));
// The backlog is set in appsettings.json.
if (!args.Contains("--without")) builder.WebHost.UseListenQueue();

var app = builder.Build();
app.MapRazorPages();
app.Run();

static X509Certificate2 ForTryingOut()
{
    using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
    return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
}
