using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using Rcomm.Connections.Tls;
using Rcomm.Doctor;
using Rcomm.Settings.Groups;

namespace Rcomm.Server;

/// <summary>Finds certificates that browsers refuse now or soon.</summary>
internal static class CertificateChecks
{
    private static readonly TimeSpan Soon = TimeSpan.FromDays(14);

    /// <param name="hostNames">The host names that have their own site.</param>
    public static IEnumerable<Finding> Run(TlsSettings tls, IReadOnlyList<string> hostNames, DateTimeOffset now)
    {
        List<X509Certificate2> certificates = [];
        foreach (CertificateFile file in tls.Certificates)
        {
            Finding finding = Check(file, now, out X509Certificate2? certificate);
            if (certificate is not null) certificates.Add(certificate);
            yield return finding;
        }
        if (certificates.Count < tls.Certificates.Count || certificates.Count == 0) yield break;

        foreach (string name in hostNames.Where(name => !certificates.Exists(one => Covers(one, name))))
            yield return new($"certificate for {name}", Severity.Warning, $"no certificate has the name {name}", "a certificate with this name",
                "Browsers reject a certificate for another name.",
                $"get one, e.g. certbot certonly --webroot -w ROOT -d {name}, and name it in {HttpsGroup.Certificate.Variable}");
    }

    private static Finding Check(CertificateFile file, DateTimeOffset now, out X509Certificate2? certificate)
    {
        string name = $"certificate {file.Path}";
        certificate = null;
        try
        {
            certificate = file.Load().TargetCertificate;
        }
        catch (Exception e) when (CertificateFault.IsOne(e))
        {
            return new(name, Severity.Problem, $"it can't be used: {CertificateFault.Describe(file, e)}",
                "readable, with its key", "Without it the server doesn't start.",
                $"ls -l {file.Path}{(file.Key is null ? "" : " " + file.Key)}   # check the permissions");
        }
        DateTimeOffset until = certificate.NotAfter.ToUniversalTime(), from = certificate.NotBefore.ToUniversalTime();
        string date = until.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);
        const string why = "Browsers reject a certificate outside its validity period.";
        const string renew = "certbot renew   # the server uses a renewed file without a restart";
        return until <= now ? new(name, Severity.Problem, $"it expired on {date}", "valid for 14 days or more", why, renew)
            : from > now ? new(name, Severity.Problem, $"it isn't valid before {from:yyyy-MM-dd HH:mm}Z", "valid now", why,
                "date -u   # check the clock")
            : until - now < Soon ? new(name, Severity.Warning, $"it expires on {date}", "valid for 14 days or more", why, renew)
            : new(name, Severity.Ok, $"valid until {date}", "valid for 14 days or more", why);
    }

    private static bool Covers(X509Certificate2 certificate, string name)
    {
        try
        {
            return certificate.MatchesHostname(name.StartsWith("*.", StringComparison.Ordinal) ? "any" + name[1..] : name.Trim('[', ']'));
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
