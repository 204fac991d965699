using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Rcomm.Requests;
using Rcomm.Settings;
using Rcomm.Shared.Linux;

namespace Rcomm.Connections.Tls;

/// <summary>The certificates by their names; reloaded when their files change.</summary>
internal sealed partial class CertificateStore : IDisposable
{
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(2);

    private readonly List<Loaded> _certificates;
    // The generated log methods use this field.
    private ILogger _logger = NullLogger.Instance;
    private readonly Timer? _timer;
    private volatile Dictionary<string, SslStreamCertificateContext> _byName = [];

    private CertificateStore(List<Loaded> certificates)
    {
        _certificates = certificates;
        IndexNames();
        if (certificates.Exists(one => one.File is not null)) _timer = new Timer(_ => Refresh(), null, CheckInterval, CheckInterval);
    }

    /// <summary>Loads the configured certificates, or creates one if there are none.</summary>
    /// <exception cref="ConfigurationException">A certificate can't be used.</exception>
    public static CertificateStore Load(TlsSettings settings)
    {
        List<Loaded> loaded = [];
        foreach (CertificateFile file in settings.Certificates)
        {
            try
            {
                loaded.Add(new(file) { Stamp = file.Stamp(), Context = file.Load() });
            }
            catch (Exception e) when (CertificateFault.IsOne(e))
            {
                throw new ConfigurationException($"{CertificateFault.Describe(file, e)}.");
            }
        }
        if (loaded.Count == 0) loaded.Add(new(null) { Context = SslStreamCertificateContext.Create(SelfSignedCertificate.Make(), null, offline: true) });
        return new(loaded);
    }

    /// <summary>The certificates in use: their file, or the first name of one without a file, and when they expire.</summary>
    public IEnumerable<(string Name, DateTimeOffset NotAfter)> All => _certificates.Select(one =>
        (one.File?.Path ?? one.Context.TargetCertificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false),
            new DateTimeOffset(one.Context.TargetCertificate.NotAfter.ToUniversalTime())));

    /// <summary>Starts logging changes of certificates.</summary>
    public void LogTo(ILogger logger) => _logger = logger;

    /// <summary>Returns the options of a handshake; a name without a certificate gets the first one.</summary>
    /// <param name="name">The name that the client requested (SNI), or an empty string.</param>
    public SslServerAuthenticationOptions For(string name) => new()
    {
        ServerCertificateContext = Find(name),
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
    };

    public void Dispose() => _timer?.Dispose();

    private SslStreamCertificateContext Find(string name)
    {
        // .NET has decoded internationalized names.
        name = HostName.Normalize(name) ?? name;
        Dictionary<string, SslStreamCertificateContext> byName = _byName;
        if (byName.TryGetValue(name, out SslStreamCertificateContext? exact)) return exact;
        // A wildcard matches one label (RFC 9525, section 6.3).
        int dot = name.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && byName.TryGetValue("*" + name[dot..], out SslStreamCertificateContext? wildcard) ? wildcard : _certificates[0].Context;
    }

    private void IndexNames()
    {
        Dictionary<string, SslStreamCertificateContext> byName = new(StringComparer.OrdinalIgnoreCase);
        foreach (Loaded one in _certificates)
        {
            var names = one.Context.TargetCertificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
            foreach (string name in names?.EnumerateDnsNames() ?? []) byName.TryAdd(HostName.Normalize(name) ?? name, one.Context);
        }
        _byName = byName;
    }

    private void Refresh()
    {
        foreach (Loaded one in _certificates.Where(one => one.File is not null))
        {
            (FileStamp, FileStamp) stamp = one.File!.Stamp();
            if (stamp == one.Stamp) continue;
            try
            {
                one.Context = one.File.Load();
                IndexNames();
                Reloaded(one.File.Path, one.Context.TargetCertificate.NotAfter.ToUniversalTime());
            }
            catch (Exception e) when (CertificateFault.IsOne(e))
            {
                // Certificate and key are separate files: between their changes they don't match, and the next check finds both.
                NotReloaded(CertificateFault.Describe(one.File, e));
            }
            one.Stamp = stamp;
        }
    }

    [LoggerMessage(30, LogLevel.Information, "Certificate {Path} has changed and is used from now on; it is valid until {Until:yyyy-MM-dd HH:mm}Z")]
    private partial void Reloaded(string path, DateTime until);

    [LoggerMessage(31, LogLevel.Warning, "A changed certificate can't be used; the previous one stays in use: {Why}")]
    private partial void NotReloaded(string why);

    private sealed class Loaded(CertificateFile? file)
    {
        public CertificateFile? File => file;

        public (FileStamp, FileStamp) Stamp { get; set; }

        public required SslStreamCertificateContext Context { get; set; }
    }
}
