using Rcomm.Settings;

namespace Rcomm.Tests.Server;

public sealed class AddressConflictsTests : IDisposable
{
    private readonly SampleSite _site = new();

    public void Dispose() => _site.Dispose();

    [Theory]
    [InlineData("-p 21060 --admin 127.0.0.1:21060", "--admin=127.0.0.1:21060 and --port=21060 use the same port")]
    [InlineData("--admin :7878", "--admin=:7878 and the default port (7878) use the same port")]
    [InlineData("-p 21060 --tls-self-signed --https-redirect :21060", "--https-redirect=:21060 and --port=21060 use the same port")]
    [InlineData("--tls-self-signed --https-redirect :21061 --admin localhost:21061", "--admin=localhost:21061 and --https-redirect=:21061 use")]
    [InlineData("--listen localhost:21060,127.0.0.1:21060", "127.0.0.1:21060 is listed twice")]
    [InlineData("--listen *:21060,127.0.0.1:21060", "127.0.0.1:21060 and *:21060 are the same address")]
    [InlineData("--listen unix:/tmp/x.sock --control /tmp/x.sock", "use the same path")]
    [InlineData("-p 21022 --upstream :21022", "The upstream http://127.0.0.1:21022 of /* is this server itself")]
    [InlineData("-p 21022 --address * --upstream http://localhost:21022", "is this server itself")]
    public void Two_settings_that_want_one_address_are_named(string arguments, string said) =>
        Assert.Contains(said, Assert.Throws<ConfigurationException>(() => InProcessServer.Read($"{_site.Root} {arguments}")).Message);

    [Theory]
    [InlineData("--listen [::]:21060,0.0.0.0:21060")]
    [InlineData("--listen 127.0.0.1:21060,[::1]:21060 --admin 127.0.0.2:21060")]
    [InlineData("-p 0 --admin 127.0.0.1:0")]
    [InlineData("--listen *:21060,127.0.0.1:21060 --shards 2")]
    [InlineData("-p 21022 --upstream http://10.0.0.7:21022")]
    [InlineData("-p 21022 --upstream http://127.0.0.1:21022/app")]
    public void What_can_listen_together_may(string arguments) => Assert.NotNull(InProcessServer.Read($"{_site.Root} {arguments}"));
}
