using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Rcomm.Connections.Tls;
using Rcomm.Doctor;
using Rcomm.Server;

namespace Rcomm.Tests.Server;

public sealed class CertificateChecksTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);

    private readonly string _folder = Directory.CreateTempSubdirectory("rcomm-").FullName;

    [Theory]
    [InlineData(-30, 60, "Ok", "valid until 2027-01-24 12:00Z")]
    [InlineData(-30, 15, "Ok", "valid until 2026-12-10 12:00Z")]
    [InlineData(-30, 13, "Warning", "it expires on 2026-12-08 12:00Z")]
    [InlineData(-30, -1, "Problem", "it expired on 2026-11-24 12:00Z")]
    [InlineData(1, 60, "Problem", "it isn't valid before 2026-11-26 12:00Z")]
    public void A_certificate_outside_of_its_time_or_near_its_end_is_named(int fromDays, int untilDays, string severity, string says)
    {
        string file = Certificate(Now.AddDays(fromDays), Now.AddDays(untilDays), "shop.example");

        Finding finding = Assert.Single(CertificateChecks.Run(Tls(file), [], Now));

        Assert.Equal(($"certificate {file}", severity, says), (finding.Name, finding.Severity.ToString(), finding.Is));
    }

    [Theory]
    [InlineData("shop.example", true)]
    [InlineData("SHOP.example", true)]
    [InlineData("www.shop.example", true)]
    [InlineData("*.shop.example", true)]
    [InlineData("a.www.shop.example", false)]
    [InlineData("other.example", false)]
    public void A_host_without_a_certificate_of_its_name_is_named(string host, bool isCovered)
    {
        string file = Certificate(Now.AddDays(-1), Now.AddDays(60), "shop.example", "*.shop.example");

        string[] warnings = [.. CertificateChecks.Run(Tls(file), [host], Now).Where(finding => finding.Severity == Severity.Warning)
            .Select(finding => finding.Is)];

        Assert.Equal(isCovered ? [] : [$"no certificate has the name {host}"], warnings);
    }

    [Fact]
    public void A_key_that_cannot_be_read_is_a_problem()
    {
        string file = Certificate(Now.AddDays(-1), Now.AddDays(60), "shop.example");
        File.Delete(Path.ChangeExtension(file, ".key"));

        Finding finding = Assert.Single(CertificateChecks.Run(Tls(file), [], Now));

        Assert.Equal(Severity.Problem, finding.Severity);
        Assert.Contains(Path.ChangeExtension(file, ".key"), finding.Is);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static TlsSettings Tls(string file) => new(
        [new CertificateFile(file, Path.ChangeExtension(file, ".key"), "", new("--tls-certificate", "--tls-key", "--tls-password"))],
        [], null, null, Http3: false);

    private string Certificate(DateTimeOffset from, DateTimeOffset until, params string[] names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={names[0]}", key, HashAlgorithmName.SHA256);
        var alternative = new SubjectAlternativeNameBuilder();
        foreach (string name in names) alternative.AddDnsName(name);
        request.CertificateExtensions.Add(alternative.Build());
        using X509Certificate2 certificate = request.CreateSelfSigned(from, until);
        string file = Path.Combine(_folder, "site.pem");
        File.WriteAllText(file, certificate.ExportCertificatePem());
        File.WriteAllText(Path.ChangeExtension(file, ".key"), key.ExportPkcs8PrivateKeyPem());
        return file;
    }
}
