// What is typed in the transcripts of the console, which stand as golden files beside this. Every command of every platform is
// in one of them; a test says which is not.

import { consoleModes } from "../command-node.ts";

/** What is typed line by line; a pair also says how the screen must end before the next. */
export type Step = string | readonly [keys: string, until: RegExp];

export type Transcript = {
  /** Ids of requirements, then the name of the golden file. */
  readonly title: string;
  readonly platform?: string;
  /** True: on a folder, which has the device's flash and its keys. */
  readonly hasFlash?: boolean;
  readonly steps: readonly Step[];
};

/** Lines, each ended by the enter key. */
function lines(text: string): readonly Step[] {
  return text
    .trim()
    .split("\n")
    .map((line) => `${line.trim()}\r`);
}

/** The mode that a prompt stands for; null for what is no prompt. */
export function modeOfPrompt(prompt: string): (typeof consoleModes)[number] | null {
  const [, inBrackets, end] = /^[\w.-]+(?:\(([\w-]+)\))?([>#])$/.exec(prompt) ?? [];
  if (end === undefined) return null;
  const name = inBrackets ?? (end === ">" ? "user" : "exec");
  return consoleModes.find((mode) => mode === name) ?? null;
}

/** Below debug, undebug and no debug. */
const debugWords = [
  ...["call-home smart-licensing", "call-home smart-licensing all", "call-home smart-licensing error"],
  ...["call-home smart-licensing trace", "crypto pki messages", "crypto pki transactions", "ip http client"],
  ...["all", "api", "cache", "error", "main", "msg", "socket"].map((part) => `ip http client ${part}`),
  ...["license agent all", "license errors", "license events"],
  ...["errors", "msg", "states"].map((part) => `ssl openssl ${part}`),
];

export const transcripts: readonly Transcript[] = [
  {
    title: "classic licensing",
    platform: "c3850",
    steps: lines(`
      show license status
      enable
      show license status
      show license summary
      show license usage
      show license all
      show license udi
      show license tech support
      show license tech-support | include Status:
      show tech-support license | include Status:
      show license authorization
      show license authorization now
      show license rum
      show license rum id all
      license smart renew ID
      license smart renew auth
      license smart deregister
      license smart register idtoken
      license smart register idtoken abc
      show license status | section Registration
      show license history message
      license smart register idtoken abc force
      license smart deregister
      show license status | section Registration
      license smart authorization
      license smart authorization request add hseck9 local
      license smart conversion
      license smart conversion start
      license smart conversion stop
      license smart export
      license smart export return local
      license smart factory
      license smart factory reset
      license smart import
      license smart import flash:ack.txt
      license smart reservation
      license smart reservation request local
      license smart save
      license smart save usage all file flash:usage.txt
      license smart sync
      license smart sync all
      license smart trust
      license smart trust idtoken abc all force
      license smart clear eventlog
      show license eventlog
      configure terminal
      license smart enable
      license smart reservation
      license smart reservation install
      license smart usage
      license smart usage interval 7
      license smart transport smart
      no license smart reservation
      no license smart reservation install
      no license smart usage
      no license smart usage interval
      default license smart reservation
      default license smart reservation install
      default license smart usage
      license boot level network-essentials addon dna-essentials
      do show running-config | include license
      end
    `),
  },
  {
    title: "classic router",
    platform: "isr4331",
    steps: lines(`
      enable
      show version
      configure terminal
      license boot level securityk9
      license boot level ipbasek9
      license boot level appxk9
      end
      show license summary
    `),
  },
  {
    title: "authorization codes",
    platform: "c8000v",
    hasFlash: true,
    steps: lines(`
      enable
      license smart authorization request save flash:request.xml
      license smart authorization request add hseck9 local
      license smart authorization request add hseck9 all
      license smart authorization request replace hseck9 local
      license smart authorization request replace hseck9 all
      license smart authorization request add nothing local
      license smart authorization request add network-advantage_250M local
      license smart authorization request save flash:request.xml
      show license authorization
      license smart authorization return local online
      license smart authorization return local offline
      license smart authorization return local offline flash:return.xml
      license smart authorization return all online
      license smart authorization return all offline
      license smart authorization return all offline flash:return.xml
    `),
  },
  {
    title: "[CLI-28] direct recipe",
    steps: lines(`
      enable
      configure terminal
      ip http client source-interface Vlan10
      ip http client secure-trustpoint SLA-TrustPoint
      license smart transport smart
      license smart url default
      exit
      write memory
      show running-config | begin hostname
    `),
  },
  {
    title: "[CLI-11] [CLI-20] [CLI-25] [SHO-33] system commands",
    steps: [
      "en\r",
      "show version\r",
      "show inventory\r",
      "show clock\r",
      "show license udi\r",
      "show startup-config\r",
      "conf t\r",
      "host edge-9\r",
      "do show running-config | include hostname\r",
      "no license smart url\r",
      "end\r",
      ["copy running-config startup-config\r", /\?$/],
      "\r",
      "write\r",
      "show startup-config | include hostname\r",
      "conf t\r",
      "no hostname edge-9\r",
      "hostname edge-8\r",
      "no hostname\r",
    ],
  },
  {
    title: "[CLI-18] [SHO-30] [TRN-12] [TRN-15] [TRN-16] [TRN-17] network configuration",
    steps: lines(`
      en
      conf t
      vrf definition Blue
      address-family ipv4
      exit-address-family
      interface vlan 20
      vrf forwarding Blue
      ip address 127.0.0.20 255.0.0.0
      ip address 203.0.113.1 255.255.255.0
      ip address 300.1.1.1 255.255.255.0
      ip address 127.0.0.20 255.255.256.0
      ip address 127.0.20 255.0.0.0
      ip address 127.0.0.20 255.0.255.0
      int lo0
      ip address 127.0.0.9 255.255.255.255
      shutdown
      interface TenGigabitEthernet1/1/1
      no vrf definition Green
      no ip name-server vrf Green 127.0.0.55
      ip domain-lookup source-interface Vlan10
      ip domain name lab.test
      ip name-server 127.0.0.53 127.0.0.54
      ip name-server vrf Blue 127.0.0.55
      ip name-server vrf Green 127.0.0.55
      ip name-server dns.lab.test
      ip host manager.lab.test 127.0.0.80 127.0.0.81
      ip http client proxy-server proxy.lab.test proxy-port 3128
      ip http client source-interface gi9/9
      ip http client secure-trustpoint Nobody
      license smart vrf Green
      license smart vrf Blue
      no license smart server-identity-check
      license smart proxy username licensing
      end
      show running-config
      show startup-config | count interface
      show ip interface brief | exclude DHCP
      show hosts
      show vrf
      show ip route vrf Blue
      show ip http client all
      conf t
      int vlan20
      no vrf forwarding
      no interface Vlan20
      no ip domain lookup
      no ip host manager.lab.test
      no ip name-server
      no ip http client proxy-server
      do show hosts
      do telnet manager.lab.test 443
      do show ip arp 10.0.0.1
      do show mac address-table
      no license smart vrf
      int vlan10
      shutdown
      do show ip cef 127.0.0.1
      end
    `),
  },
  {
    title:
      "[CLI-15] [CLI-16] [CLI-17] [SHO-12] [SHO-13] [TRN-19] [TRN-23] [TRN-24] [TRN-28] [FAIL-34] [DIA-6] call home",
    steps: lines(`
      en
      show call-home
      show call-home profile all
      show call-home smart-licensing
      conf t
      call-home
      contact-email-addr nobody
      contact-email-addr network@lab.test
      http-proxy proxy.lab.test port 3128
      no http secure server-identity-check
      source-interface gi9/9
      source-interface vlan 10
      vrf Green
      vrf Mgmt-vrf
      profile "CiscoTAC-1"
      destination address http ftp://manager.lab.test
      destination address http https://manager.lab.test/SmartTransport
      destination address email
      destination address email network@lab.test
      destination transport-method http
      destination transport-method email
      destination preferred-msg-format xml
      destination preferred-msg-format short-text
      destination preferred-msg-format long-text
      reporting smart-call-home-data
      reporting all
      profile Second
      destination address http https://second.lab.test/SmartTransport
      active
      reporting smart-licensing-data
      do show call-home profile second
      do show call-home profile Third
      profile ciscotac-1
      no reporting smart-licensing-data
      no active
      profile Second
      reporting smart-licensing-data
      license smart transport callhome
      do show license status | section Transport
      do show license tech support | include Server Identity|Transport: Callhome
      do show call-home
      do show running-config | section call-home
      call-home
      no profile CiscoTAC-1
      no profile Second
      do show license status | section Transport
      do show call-home smart-licensing
      profile CiscoTAC-1
      active
      reporting smart-licensing-data
      no destination address http https://manager.lab.test/SmartTransport
      no destination address http
      exit
      http secure server-identity-check
      no contact-email-addr network@lab.test
      no contact-email-addr
      no http-proxy proxy.lab.test port 3128
      no http-proxy
      no source-interface Vlan10
      no source-interface
      no vrf Mgmt-vrf
      no vrf
      exit
      no service call-home
      do show call-home smart-licensing
      do show running-config | include call-home
      service call-home
      do show run all | in destination address http
      do show running-config all
      end
    `),
  },
  {
    title: "[CLI-22] mistakes and help",
    steps: [
      "show licence\r",
      "show license\r",
      "configure terminal\r",
      ["show license e?", /license e$/],
      ["v\t\x15", /c9300-stack>$/],
      ["show license eventlog ?", /eventlog$/],
      ["| ?", /\|$/],
      "\x15\r",
      "enable\r",
      "conf t\r",
      "license smart trans pigeon\r",
      "do show lisense\r",
      ["do show clo?", /do show clo$/],
      "\x15s\r",
      "\x1a",
    ],
  },
  {
    title: "[CLI-3] [CLI-4] [CLI-5] [CLI-6] [CLI-29] [CLI-31] [BET-2] licensing configuration",
    steps: lines(`
      en
      conf t
      license boot level network-essentials
      license boot level network-essentials addon dna-essentials
      license boot level network-advantage
      license boot level network-advantage addon dna-advantage
      license smart custom_id lab-7
      license smart enable
      license smart privacy hostname
      license smart privacy version
      license smart privacy all
      license smart proxy address proxy.lab.test
      license smart proxy port 3128
      license smart proxy username licensing
      license smart proxy password canary-4711
      license smart server-identity-check
      license smart url https://manager.lab.test/SmartTransport
      license smart url smart https://manager.lab.test/licservice/license
      license smart url cslu http://relay.lab.test:8182/cslu/v1/pi
      license smart url utility https://utility.lab.test/
      license smart url ftp://manager.lab.test
      license smart usage interval 20
      license smart usage customer-tags tag1 blue
      license smart usage customer-tags tag2 blue
      license smart usage customer-tags tag3 blue
      license smart usage customer-tags tag4 blue
      license smart utility
      license smart utility customer_info city Ghent
      license smart utility customer_info country Belgium
      license smart utility customer_info id 7
      license smart utility customer_info name Example
      license smart utility customer_info postalcode 9000
      license smart utility customer_info state none
      license smart utility customer_info street none
      license smart vrf Mgmt-vrf
      license smart transport cslu
      do show license status | section Transport
      license smart transport smart
      do show license status | section Transport
      do show license status | section Privacy
      do show running-config | include license
      no license smart vrf
      no license smart custom_id
      no license smart privacy hostname
      no license smart privacy version
      no license smart privacy all
      no license smart proxy password
      no license smart proxy username
      no license smart proxy port
      no license smart proxy address
      no license smart url utility
      no license smart url cslu
      no license smart url smart
      no license smart usage interval
      no license boot level
      license smart transport off
      do show license status | section Transport
      license smart transport automatic
      do show license status | section Transport
      no license smart transport
      do show running-config | include license
      quit
      show running-config all | include license
    `),
  },
  {
    title: "[CLI-7] [CLI-8] [CLI-9] [GEN-6] [SHO-1] licensing commands",
    hasFlash: true,
    steps: [
      ...lines(`
        en
        show license status
        show license summary
        show license usage
        show license all
        show license authorization
        show license tech-support | include Trust
        show license tech support | count Attempts
        show tech-support license | include Version
        show license eventlog | count SAEVT
        show license eventlog 2 | include LICENSE_USAGE
        show license eventlog severity errors
        show license eventlog severity warnings
        show license eventlog severity notifications | count SAEVT
        show license eventlog severity informational | count SAEVT
        show license eventlog 2 severity errors
        show license eventlog 2 severity warnings
        show license eventlog 2 severity notifications
        show license eventlog 2 severity informational | count SAEVT
        show license history message | include Import
        show license history message time-ordered
        show license rum id all | count OPEN
        show license rum id 1
        show license rum id 1 detail
        show license rum id 1927062132
        show license rum id 1927062132 detail
        license smart trust idtoken abc local
        license smart trust idtoken abc all
        license smart trust idtoken abc local force
        license smart trust idtoken abc all force
        license smart sync
        license smart sync all
        license smart sync local
        license smart save usage all file flash:all.txt
        license smart save usage days 15 file flash:days.txt
        license smart save usage rum-id 1 file flash:one.txt
        license smart save usage unreported file flash:unreported.txt
        license smart save usage all file ../all.txt
        license smart save trust-request flash:request.txt
        license smart import flash:nothing.txt
        license smart import flash:request.txt
        license smart factory reset preview
        license smart factory reset trust preview
        license smart factory reset trust
        license smart factory reset policy preview
        license smart factory reset policy
        license smart deregister
        license smart deregister now
        license smart register
        license smart register idtoken abc
        license smart renew
        license smart renew auth
        license smart reservation
        license smart reservation request local
        license smart conversion
        license smart conversion start
        license smart export
        license smart export return local
        show privilege
        license smart clear eventlog
        show license eventlog
        license smart factory reset
        show license status | include Trust
      `),
      ["reload\r", /confirm\]$/],
      "\r",
    ],
  },
  {
    title: "[CLI-18] [TRN-10] [DIA-22] addresses and names",
    hasFlash: true,
    steps: lines(`
      en
      conf t
      ip domain lookup
      ip domain-lookup
      ip domain lookup source-interface Vlan10
      ip domain-name lab.test
      do show running-config | include ip domain
      no ip domain lookup source-interface Vlan10
      no ip domain-lookup source-interface Vlan10
      no ip domain lookup source-interface
      no ip domain-lookup source-interface
      no ip domain name lab.test
      no ip domain name
      no ip domain-name
      no ip domain-name lab.test
      no ip domain-lookup
      ip host manager.lab.test 127.0.0.80
      no ip host manager.lab.test 127.0.0.80
      ip name-server 127.0.0.53 127.0.0.54
      no ip name-server 127.0.0.53
      do show hosts
      ip http client proxy-server proxy.lab.test proxy-port 3128
      no ip http client proxy-server proxy.lab.test
      ip http client secure-trustpoint SLA-TrustPoint
      no ip http client secure-trustpoint SLA-TrustPoint
      no ip http client secure-trustpoint
      ip http client source-interface Vlan10
      no ip http client source-interface Vlan10
      no ip http client source-interface
      do show ip http client all
      ip http authentication local
      ip http secure-port 28443
      ip http secure-server
      do show ip http server status
      do show running-config | include ip http
      no ip http secure-server
      no ip http secure-port 28443
      no ip http secure-port
      no ip http authentication local
      no ip http authentication
      do show ip http server status
      interface Vlan10
      ip vrf forwarding Mgmt-vrf
      ip address 127.0.0.10 255.0.0.0
      no ip vrf forwarding Mgmt-vrf
      no ip vrf forwarding
      vrf forwarding Mgmt-vrf
      no vrf forwarding Mgmt-vrf
      no ip address 127.0.0.10 255.0.0.0
      no ip address
      do show ip interface brief | include Vlan10
      ip address dhcp
      shutdown
      no shutdown
      ip address 127.0.0.10 255.0.0.0
      do show ip route
      do show ip cef
      do show ip cef 127.0.0.1
      do show ip cef vrf Blue 127.0.0.1
      do show ip cef manager.lab.test
      do show arp
      do show arp 127.0.0.1
      do show ip arp
      do show mac address-table address 0011.2233.4455
      no ip vrf forwarding
      end
      ping manager.lab.test
      ping manager.lab.test source Vlan10
      ping vrf Mgmt-vrf manager.lab.test
      ping vrf Mgmt-vrf manager.lab.test source GigabitEthernet0/0
      telnet manager.lab.test
      telnet manager.lab.test /ipv4
      telnet manager.lab.test 443 /quiet
      telnet manager.lab.test 443 /ipv4 /source-interface Vlan10
      show ip route vrf Green
    `),
  },
  {
    title: "[CLI-12] [CLI-19] [SEC-11] trustpoints",
    steps: [
      ...lines(`
        en
        show crypto pki trustpoints
        show crypto pki trustpoints status
        show crypto pki certificates
        show crypto pki certificates LicRoot
        conf t
        crypto pki authenticate LicRoot
        crypto pki trustpoint LicRoot
        do show running-config | section LicRoot
        exit
        crypto pki authenticate LicRoot
        crypto pki trustpoint LicRoot
        enrollment terminal
        revocation-check crl
        revocation-check crl none
        revocation-check none
        do show running-config | section LicRoot
        no revocation-check
        exit
      `),
      ["crypto pki authenticate LicRoot\r", /^$/],
      ["this is no certificate\r", /^$/],
      ...lines(`
        quit
        version 17.12
        crypto pki certificate chain Nowhere
        crypto pki certificate chain LicRoot
      `),
      ["certificate ca 01\r", /^$/],
      ["0A0B\r", /^$/],
      "quit\r",
      "exit\r",
      "crypto pki certificate chain SLA-TrustPoint\r",
      ["certificate ca\r", /^$/],
      "quit\r",
      ...lines(`
        crypto pki trustpoint LicRoot
        no enrollment terminal
        no enrollment
        do show running-config | section LicRoot
        crypto pki trustpoint SLA-TrustPoint
        revocation-check none
        do show running-config | section SLA-TrustPoint
        no crypto pki trustpoint SLA-TrustPoint
        no crypto pki trustpoint LicRoot
        no crypto pki trustpoint LicRoot
        do show running-config | section trustpoint
      `),
    ],
  },
  {
    title: "[CLI-20] [SEC-14] clock",
    steps: lines(`
      en
      show clock
      show clock detail
      clock set 23:02:21 24 January 2030
      show clock
      clock set 23:02:21 Jan 24 2031
      show clock
      clock set 25:00:00 24 January 2031
      conf t
      no ip domain lookup
      clock timezone CET 1
      clock timezone IST 5 30
      do show clock
      clock calendar-valid
      do show clock
      ntp server time.lab.test
      do show ntp status
      do show ntp associations
      do show running-config | include clock|ntp
      no ntp server time.lab.test
      no clock calendar-valid
      no clock timezone
      do show clock detail
    `),
  },
  {
    title: "[DIA-23] captures",
    steps: lines(`
      en
      show monitor capture
      monitor capture CSSM start
      monitor capture CSSM interface Vlan10 both
      monitor capture CSSM interface Vlan10 in
      monitor capture CSSM interface Vlan10 out
      monitor capture CSSM interface Vlan10 in match any
      monitor capture CSSM interface Vlan10 out match any
      monitor capture CSSM interface gi9/9 both match any
      monitor capture CSSM interface Vlan10 both match any
      monitor capture CSSM match any
      monitor capture CSSM buffer size 100
      monitor capture CSSM limit duration 3600
      monitor capture CSSM limit packets 1000
      monitor capture CSSM start
      show monitor capture CSSM
      monitor capture CSSM stop
      show monitor capture CSSM buffer
      show monitor capture CSSM buffer brief
      monitor capture CSSM export location flash:cssm.pcap
      monitor capture CSSM export location ../cssm.pcap
      monitor capture CSSM clear
      show monitor capture Other
      no monitor capture CSSM
      show monitor capture
    `),
  },
  {
    title: "[CLI-3] [CLI-4] [CLI-5] [CLI-6] lines that are taken back as they were written",
    steps: lines(`
      show privilege
      en
      conf t
      license boot level network-essentials addon dna-essentials
      license smart custom_id lab-7
      license smart proxy address proxy.lab.test
      license smart proxy port 3128
      license smart proxy username licensing
      license smart proxy password canary-4711
      license smart url smart https://manager.lab.test/licservice/license
      license smart url cslu http://relay.lab.test:8182/cslu/v1/pi
      license smart url utility https://utility.lab.test/
      license smart usage interval 20
      license smart vrf Mgmt-vrf
      license smart transport cslu
      clock timezone CET 1
      do show running-config | include license|clock
      no license boot level network-essentials addon dna-essentials
      no license smart custom_id lab-7
      no license smart proxy address proxy.lab.test
      no license smart proxy port 3128
      no license smart proxy username licensing
      no license smart proxy password canary-4711
      no license smart url https://relay.lab.test/
      no license smart url smart https://manager.lab.test/licservice/license
      no license smart url cslu http://relay.lab.test:8182/cslu/v1/pi
      no license smart url utility https://utility.lab.test/
      no license smart url default
      no license smart usage interval 20
      no license smart usage customer-tags
      no license smart usage customer-tags tag1 blue
      no license smart utility
      no license smart utility customer_info city Ghent
      no license smart vrf Mgmt-vrf
      no license smart transport cslu
      no license smart enable
      no license smart reservation
      no license smart reservation install
      license smart reservation
      no clock timezone CET 1
      do show running-config | include license|clock
    `),
  },
  {
    title: "names of a routing table",
    steps: lines(`
      en
      conf t
      ip domain name lab.test
      ip domain name vrf Mgmt-vrf mgmt.lab.test
      ip domain name vrf Green green.lab.test
      ip domain name vrf Mgmt-vrf no..name
      ip domain name vrf
      ip domain name vrf Mgmt-vrf
      ip domain lookup vrf Mgmt-vrf source-interface gi0/0
      ip domain lookup vrf Mgmt-vrf source-interface Vlan10
      ip domain lookup vrf Mgmt-vrf source-interface Vlan99
      ip domain lookup vrf Green source-interface gi0/0
      ip domain lookup vrf Mgmt-vrf
      ip name-server vrf Mgmt-vrf 127.0.0.53
      do show running-config | include ip domain|name-server
      do show hosts | include Default|servers
      no ip domain name vrf Mgmt-vrf mgmt.lab.test
      no ip domain lookup vrf Mgmt-vrf source-interface GigabitEthernet0/0
      no ip domain name vrf Green
      do show running-config | include ip domain
      ip domain-name vrf Mgmt-vrf mgmt.lab.test
      ip domain-lookup vrf Mgmt-vrf source-interface GigabitEthernet0/0
      no ip domain-name vrf Mgmt-vrf
      no ip domain-lookup vrf Mgmt-vrf source-interface
      ip domain-name vrf Mgmt-vrf mgmt.lab.test
      no ip domain-name vrf Mgmt-vrf mgmt.lab.test
      no ip domain name vrf Mgmt-vrf
      no ip domain lookup vrf Mgmt-vrf source-interface
      no ip domain-lookup vrf Mgmt-vrf source-interface GigabitEthernet0/0
      ip domain name vrf Mgmt-vrf mgmt.lab.test
      no vrf definition Mgmt-vrf
      do show running-config | include ip domain
    `),
  },
  {
    title: "lines set back to their defaults",
    steps: lines(`
      en
      write terminal
      conf t
      license smart transport cslu
      license smart usage interval 20
      license smart privacy all
      license smart proxy address proxy.lab.test
      license smart proxy port 3128
      no license smart server-identity-check
      hostname edge-7
      do write terminal | include license|hostname
      default license smart transport
      default license smart usage interval 20
      default license smart privacy all
      default license smart proxy address
      default license smart proxy port 3128
      default license smart server-identity-check
      default license smart enable
      default hostname
      do write terminal | include license|hostname
      default hostname edge-7
      default license boot level
      default license boot level network-advantage
      default license smart custom_id
      default license smart custom_id edge
      default license smart privacy hostname
      default license smart privacy version
      default license smart proxy address proxy.lab.test
      default license smart proxy password
      default license smart proxy password 0 canary
      default license smart proxy port
      default license smart proxy username
      default license smart proxy username licensing
      default license smart transport cslu
      default license smart url
      default license smart url cslu
      default license smart url cslu http://relay.lab.test
      default license smart url default
      default license smart url smart
      default license smart url smart https://manager.lab.test
      default license smart url https://manager.lab.test
      default license smart url utility
      default license smart url utility https://manager.lab.test
      default license smart usage customer-tags
      default license smart usage customer-tags tag1 value
      default license smart usage interval
      default license smart utility
      default license smart utility customer_info
      default license smart vrf
      default license smart vrf Blue
      default license smart reservation
      default license smart reservation install
      do write terminal | include license|hostname
    `),
  },
  {
    title: "configurations as files",
    hasFlash: true,
    steps: [
      "en\r",
      "dir nvram:\r",
      "dir nvram:/startup-config\r",
      "dir nvram:other\r",
      "dir system: | json\r",
      "dir system:\r",
      "more system:running-config | count hostname\r",
      "more nvram:startup-config\r",
      "more nvram:/startup-config | include hostname\r",
      "more NVRAM:\r",
      "more nvram:private-config\r",
      "more system:running-config | section license\r",
      "show file systems | include nvram|system\r",
      "conf t\r",
      "hostname edge-7\r",
      "end\r",
      "more nvram:startup-config | include hostname\r",
      ["copy running-config flash:new.cfg\r", /\?$/],
      "\r",
      "more flash:new.cfg | count Building|Current\r",
      ["copy startup-config running-config\r", /\?$/],
      "\r",
      "show running-config | include hostname\r",
      "copy flash:new.cfg startup-config\r",
      "copy flash:new.cfg nvram:startup-config\r",
      ["copy flash:new.cfg system:running-config\r", /\?$/],
      "\r",
      ["copy running-config nvram:startup-config\r", /\?$/],
      "\r",
      "more nvram:startup-config | include hostname\r",
      ["copy system:running-config startup-config\r", /\?$/],
      "\r",
      ["copy running-config startup-config\r", /\?$/],
      "other\r",
      ["copy nvram:startup-config flash:saved.cfg\r", /\?$/],
      "\r",
      "copy nvram:startup-config nvram:\r",
      "copy nvram:private-config flash:\r",
      "copy flash:new.cfg nvram:other\r",
      "delete nvram:startup-config\r",
      "delete /force system:running-config\r",
    ],
  },
  {
    title: "files of the flash",
    hasFlash: true,
    steps: [
      "dir\r",
      "show tech-support | include ---\r",
      "en\r",
      "show tech-support | include ---|hostname\r",
      "dir\r",
      "show file systems\r",
      "license smart save usage all file flash:reports/all.xml\r",
      "license smart save trust-request bootflash:trust.xml\r",
      "license smart save trust-request tftp://203.0.113.9/trust.xml\r",
      "show license udi | redirect flash:udi.txt\r",
      "show flash:\r",
      "show bootflash: | include reports\r",
      "show clock | append flash:log.txt\r",
      "show license udi | append flash:log.txt\r",
      "show privilege | tee flash:tee.txt\r",
      "show license udi | tee /append flash:tee.txt\r",
      "show privilege | tee usb0:tee.txt\r",
      "show privilege | tee\r",
      "show privilege | tee /append\r",
      "show privilege | tee flash:tee.txt twice\r",
      "more flash:log.txt\r",
      "more flash:tee.txt\r",
      "delete /force flash:log.txt\r",
      "delete /force flash:tee.txt\r",
      "dir flash:\r",
      "dir bootflash:reports\r",
      "dir flash:/udi.txt | include udi\r",
      "dir flash:none\r",
      "dir flash:../agent\r",
      "dir usb0:\r",
      "more flash:udi.txt\r",
      "more flash:reports/all.xml | count RUMReport\r",
      "more flash:reports\r",
      "more flash:none.txt\r",
      ["copy running-config startup-config\r", /\?$/],
      "\r",
      ["copy running-config flash:\r", /\?$/],
      "\r",
      ["copy running-config flash:before.cfg\r", /\?$/],
      "\r",
      "more flash:before.cfg | include hostname\r",
      ["copy startup-config flash:\r", /\?$/],
      "start.cfg\r",
      ["copy flash:start.cfg running-config\r", /\?$/],
      "\r",
      ["copy flash:udi.txt running-config\r", /\?$/],
      "\r",
      ["copy flash:none running-config\r", /\?$/],
      "\r",
      ["copy flash:start.cfg running-config\r", /\?$/],
      "other\r",
      "show logging | include CONFIG_I\r",
      ["copy flash:udi.txt flash:\r", /\?$/],
      "copy.txt\r",
      ["copy flash:udi.txt flash:copy.txt\r", /\?$/],
      ["\r", /\[confirm\]$/],
      "n",
      ["copy flash:udi.txt flash:copy.txt\r", /\?$/],
      ["\r", /\[confirm\]$/],
      "y",
      ["copy flash:none flash:other\r", /\?$/],
      "\r",
      ["copy flash:udi.txt flash:\r", /\?$/],
      ["\r", /\[confirm\]$/],
      "\r",
      ["copy flash:udi.txt scp://203.0.113.9/\r", /\?$/],
      "\r",
      ["delete flash:udi.txt\r", /\?$/],
      ["\r", /\[confirm\]$/],
      "n",
      ["delete flash:udi.txt\r", /\?$/],
      ["copy.txt\r", /\[confirm\]$/],
      "\r",
      ["delete flash:copy.txt\r", /\?$/],
      "\r",
      ["delete flash:reports\r", /\?$/],
      ["\r", /\[confirm\]$/],
      "\r",
      ["delete /recursive flash:reports\r", /\?$/],
      ["\r", /\[confirm\]$/],
      "\r",
      "delete /force flash:start.cfg\r",
      "delete /force flash:start.cfg\r",
      "delete /force flash:\r",
      "delete /force /recursive flash:\r",
      "delete /recursive /force bootflash:trust.xml\r",
      "dir\r",
      "dir | json\r",
      ["delete ?", /delete$/],
      "flash:udi.txt ?\u0015",
      ["copy ?", /copy$/],
      ["f?", /copy f$/],
      ["\t", /copy flash:$/],
      "\u0015",
    ],
  },
  {
    title: "[DIA-26] [DIA-27] [DIA-29] debugs",
    steps: [
      "en\r",
      ...debugWords.map((words) => `debug ${words}\r`),
      "show debugging\r",
      ...debugWords.map((words) => `undebug ${words}\r`),
      "show debugging\r",
      ...debugWords.map((words) => `no debug ${words}\r`),
      "debug license events\r",
      "undebug all\r",
      "no debug all\r",
      "show debugging\r",
    ],
  },
  {
    title: "[DIA-28] [DIA-30] internal commands",
    steps: lines(`
      en
      test license smart rum-report id
      conf t
      service internal
      do show running-config | include service
      end
      test license smart rum-report id
      test license smart rum show 1
      test license smart rum show 1927062132
      test license smart telemetry show
      test license smart dev-cert Enable
      test license smart dev-cert Disable
      set platform software trace ios active R0 infra-sl debug
      set platform software trace ios switch active R0 infra-sl debug
      set platform software trace ios active R0 infra-s1 debug
      set platform software trace ios switch active R0 infra-s1 debug
      set platform software trace ios active R0 infra-sl emergency
      set platform software trace ios active R0 infra-sl error
      set platform software trace ios active R0 infra-sl info
      set platform software trace ios active R0 infra-sl noise
      set platform software trace ios active R0 infra-sl notice
      set platform software trace ios active R0 infra-sl verbose
      set platform software trace ios active R0 infra-sl warning
      set platform software trace ios active R0 infra-s1 emergency
      set platform software trace ios active R0 infra-s1 error
      set platform software trace ios active R0 infra-s1 info
      set platform software trace ios active R0 infra-s1 noise
      set platform software trace ios active R0 infra-s1 notice
      set platform software trace ios active R0 infra-s1 verbose
      set platform software trace ios active R0 infra-s1 warning
      set platform software trace ios switch active R0 infra-sl emergency
      set platform software trace ios switch active R0 infra-sl error
      set platform software trace ios switch active R0 infra-sl info
      set platform software trace ios switch active R0 infra-sl noise
      set platform software trace ios switch active R0 infra-sl notice
      set platform software trace ios switch active R0 infra-sl verbose
      set platform software trace ios switch active R0 infra-sl warning
      set platform software trace ios switch active R0 infra-s1 emergency
      set platform software trace ios switch active R0 infra-s1 error
      set platform software trace ios switch active R0 infra-s1 info
      set platform software trace ios switch active R0 infra-s1 noise
      set platform software trace ios switch active R0 infra-s1 notice
      set platform software trace ios switch active R0 infra-s1 verbose
      set platform software trace ios switch active R0 infra-s1 warning
      show platform software trace message ios active R0
      show platform software trace message ios switch active R0
      show logging process iosrp
      show logging process iosrp start last 5 seconds
      show logging process iosrp start last 5 minutes
      show logging process iosrp start last 5 hours
      show logging process iosrp start last 5 days
      show logging process smart-agent
      show logging process smart-agent start last 5 seconds
      show logging process smart-agent start last 5 minutes
      show logging process smart-agent start last 5 hours
      show logging process smart-agent start last 5 days
      conf t
      no service internal
      do test license smart telemetry show
      end
      terminal length 0
      terminal width 0
      terminal monitor
      terminal no monitor
      show history
      show users
      disable
      logout
    `),
  },
  {
    title: "[HW-7] chassis",
    platform: "c9407r",
    steps: [
      ...lines(`
        en
        show module
        show redundancy
        show license udi
        reload slot 7
        reload slot 4
      `),
      ["redundancy force-switchover\r", /confirm\]$/],
      "\r",
      ...lines(`
        show redundancy
        test platform member fail 3
        show module
      `),
    ],
  },
  {
    title: "[HW-7] stack",
    steps: lines(`
      en
      show switch
      show redundancy
      test platform member add C9300-48P CSL2701A004
      show switch
      test platform member remove 4
      show switch
    `),
  },
  {
    title: "[CLI-24] wireless controller",
    platform: "c9800-cl",
    steps: lines(`
      en
      test platform access-point join count 3
      test platform access-point join AIR-AP2802I CSLAP0001
      test platform access-point leave AIR-AP2802I CSLAP0001
      test platform access-point leave count 1
      show tech wireless | include ---- show|^hostname|license report|SMART_LIC
      show license air entities summary
      show license air entities added
      show license air entities bulk
      show license air entities deleted
      show license air entities no-change
      conf t
      license air level air-network-essentials
      license air level air-network-essentials addon air-dna-essentials
      license air level air-network-advantage
      license air level air-network-advantage addon air-dna-advantage
      do show running-config | include license air
      no license air level
      default license air level
      default license air level air-network-advantage
      no license air level air-network-advantage addon air-dna-advantage
      do show running-config | include license air
      license smart usage interval 20
    `),
  },
  {
    title: "router",
    platform: "c8000v",
    steps: lines(`
      en
      show switch
      show version | include network
      conf t
      license boot level network-premier
      license boot level network-premier addon dna-premier
      license boot level network-advantage
      no license boot level
      do show running-config | include license boot
      end
      test license smart rum-report id
    `),
  },
  {
    title: "[LOG-8] log lines",
    steps: lines(`
      en
      show logging
      conf t
      no ip domain lookup
      logging buffered
      logging buffered 8192
      logging buffered 6
      logging buffered 8192 6
      logging buffered alerts
      logging buffered critical
      logging buffered debugging
      logging buffered emergencies
      logging buffered errors
      logging buffered informational
      logging buffered notifications
      logging buffered warnings
      logging buffered 8192 alerts
      logging buffered 8192 critical
      logging buffered 8192 debugging
      logging buffered 8192 emergencies
      logging buffered 8192 errors
      logging buffered 8192 informational
      logging buffered 8192 notifications
      logging buffered 8192 warnings
      logging facility kern
      logging facility user
      logging facility mail
      logging facility daemon
      logging facility auth
      logging facility syslog
      logging facility lpr
      logging facility news
      logging facility uucp
      logging facility cron
      logging facility sys9
      logging facility sys10
      logging facility sys11
      logging facility sys12
      logging facility sys13
      logging facility sys14
      logging facility local0
      logging facility local1
      logging facility local2
      logging facility local3
      logging facility local4
      logging facility local5
      logging facility local6
      logging facility local7
      no logging facility
      logging format rfc5424
      no logging format
      logging origin-id hostname
      no logging origin-id
      logging source-interface Vlan10
      logging source-interface gi9/9
      no logging source-interface Vlan10
      no logging source-interface
      logging trap
      logging trap 5
      logging trap alerts
      logging trap critical
      logging trap debugging
      logging trap emergencies
      logging trap errors
      logging trap informational
      logging trap notifications
      logging trap warnings
      no logging trap
      logging host log.lab.test transport udp
      logging host log.lab.test transport udp port 514
      logging host log.lab.test transport tcp
      logging host log.lab.test transport tcp port 601
      logging host log.lab.test transport tls
      logging host log.lab.test transport tls port 6514
      logging host log.lab.test transport tls port 6515 trustpoint SLA-TrustPoint
      logging host log.lab.test transport tls trustpoint SLA-TrustPoint
      do show running-config | include logging
      no logging host log.lab.test transport udp
      no logging host log.lab.test transport udp port 514
      no logging host log.lab.test transport tcp
      no logging host log.lab.test transport tcp port 601
      no logging host log.lab.test transport tls
      no logging host log.lab.test transport tls port 6514
      no logging host log.lab.test transport tls port 6515 trustpoint SLA-TrustPoint
      no logging host log.lab.test transport tls trustpoint SLA-TrustPoint
      logging host log.lab.test
      no logging host log.lab.test
      no logging buffered
      do show logging | include Buffer
      do clear logging
      end
    `),
  },
  {
    title: "SNMP",
    steps: lines(`
      en
      show snmp
      conf t
      no ip domain lookup
      snmp-server contact Ada
      snmp-server location Rack 7
      snmp-server listen nowhere port 0
      snmp-server listen 127.0.0.1 port 0
      snmp-server community watcher
      snmp-server community reader ro
      snmp-server group licensing v3 priv
      snmp-server user ada licensing v3 auth sha canary-4711 priv aes 128 canary-4712
      snmp-server user bob licensing v3 auth sha-2 256 canary-4711 priv aes 128 canary-4712
      snmp-server user eve licensing v3 auth sha short priv aes 128 short
      snmp-server trap-source gi9/9
      snmp-server trap-source Vlan10
      snmp-server enable traps
      snmp-server enable traps license
      snmp-server host trap.lab.test traps version 2c watcher
      snmp-server host trap.lab.test traps version 2c watcher udp-port 1162
      snmp-server host trap.lab.test version 2c watcher
      snmp-server host trap.lab.test version 2c watcher udp-port 1163
      snmp-server host trap.lab.test informs version 2c watcher
      snmp-server host trap.lab.test informs version 2c watcher udp-port 1164
      snmp-server host inform.lab.test informs version 3 priv ada
      snmp-server host inform.lab.test informs version 3 priv ada udp-port 1165
      snmp-server host inform.lab.test version 3 priv bob
      snmp-server host inform.lab.test version 3 priv bob udp-port 1166
      do show running-config | include snmp
      do show snmp host
      do show snmp user
      no snmp-server host trap.lab.test
      no snmp-server host inform.lab.test
      no snmp-server enable traps
      no snmp-server enable traps license
      no snmp-server trap-source Vlan10
      no snmp-server trap-source
      no snmp-server user ada
      no snmp-server user bob
      no snmp-server group licensing v3 priv
      no snmp-server community watcher
      no snmp-server community reader ro
      no snmp-server listen
      no snmp-server contact
      no snmp-server location
      do show running-config | include snmp
      do show snmp
      end
    `),
  },
];
