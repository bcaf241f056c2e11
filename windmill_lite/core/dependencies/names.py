"""Which package of PyPI an import comes from, where the two have different names.

The longest name that is known decides: `google.cloud.storage` and `google.auth` are two packages.
What is not in the table has its package's name, in which `_` and `-` are the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import Final

#: Modules that are there without a package: ours.
OWN: Final = frozenset({"wmill"})

#: import, package; sorted.
_TABLE: Final = """
absl absl-py
apt_pkg python-apt
attr attrs
azure.storage.filedatalake azure-storage-file-datalake
azure.storage.fileshare azure-storage-file-share
barcode python-barcode
bs4 beautifulsoup4
bson pymongo
cairo pycairo
cassandra cassandra-driver
cpuinfo py-cpuinfo
Crypto pycryptodome
Cryptodome pycryptodomex
cv2 opencv-python-headless
databricks.sdk databricks-sdk
databricks.sql databricks-sql-connector
dateutil python-dateutil
dbus dbus-python
decouple python-decouple
discord discord.py
django_filters django-filter
dns dnspython
docx python-docx
dotenv python-dotenv
elftools pyelftools
engineio python-engineio
faiss faiss-cpu
fitz PyMuPDF
gi PyGObject
git GitPython
github PyGithub
gitlab python-gitlab
google.ads.googleads google-ads
google.ai.generativelanguage google-ai-generativelanguage
google.analytics.admin google-analytics-admin
google.analytics.data google-analytics-data
google.api_core google-api-core
google.auth google-auth
google.cloud.bigquery_datatransfer google-cloud-bigquery-datatransfer
google.cloud.bigquery_storage google-cloud-bigquery-storage
google.cloud.compute_v1 google-cloud-compute
google.cloud.functions_v1 google-cloud-functions
google.cloud.language_v1 google-cloud-language
google.cloud.monitoring_v3 google-cloud-monitoring
google.cloud.pubsub_v1 google-cloud-pubsub
google.cloud.resourcemanager google-cloud-resource-manager
google.cloud.run_v2 google-cloud-run
google.cloud.secretmanager google-cloud-secret-manager
google.cloud.tasks_v2 google-cloud-tasks
google.cloud.translate_v2 google-cloud-translate
google.genai google-genai
google.generativeai google-generativeai
google.maps.places_v1 google-maps-places
google.oauth2 google-auth
google.protobuf protobuf
google.type googleapis-common-protos
googleapiclient google-api-python-client
grpc grpcio
grpc_health grpcio-health-checking
grpc_status grpcio-status
grpc_tools grpcio-tools
haystack haystack-ai
hubspot hubspot-api-client
igraph python-igraph
jenkins python-jenkins
jks pyjks
jose python-jose
jwt PyJWT
kafka kafka-python
keycloak python-keycloak
lance pylance
ldap python-ldap
llama_cpp llama-cpp-python
magic python-magic
memcache python-memcached
mpl_toolkits matplotlib
mysql mysql-connector-python
MySQLdb mysqlclient
nacl PyNaCl
nmap python-nmap
office365 Office365-REST-Python-Client
opensearchpy opensearch-py
OpenSSL pyOpenSSL
opentelemetry opentelemetry-api
opentelemetry.exporter.otlp opentelemetry-exporter-otlp
opentelemetry.instrumentation opentelemetry-instrumentation
opentelemetry.sdk opentelemetry-sdk
osgeo GDAL
paho paho-mqtt
past future
patoolib patool
PIL pillow
pipedrive pipedrive-python-lib
pkg_resources setuptools
plaid plaid-python
playhouse peewee
pptx python-pptx
psycopg psycopg[binary]
psycopg2 psycopg2-binary
pylab matplotlib
pythoncom pywin32
pywintypes pywin32
rapidjson python-rapidjson
rest_framework djangorestframework
ruamel ruamel.yaml
ruamel.yaml ruamel.yaml
serial pyserial
shapefile pyshp
shopify ShopifyAPI
skimage scikit-image
sklearn scikit-learn
skopt scikit-optimize
slack slackclient
slugify python-slugify
smartsheet smartsheet-python-sdk
snappy python-snappy
snowflake.connector snowflake-connector-python
snowflake.snowpark snowflake-snowpark-python
snowflake.sqlalchemy snowflake-sqlalchemy
socketio python-socketio
socks PySocks
speech_recognition SpeechRecognition
stdnum python-stdnum
tabula tabula-py
tavily tavily-python
telebot pyTelegramBotAPI
telegram python-telegram-bot
tlz toolz
usb pyusb
weaviate weaviate-client
websocket websocket-client
whois python-whois
win32api pywin32
win32com pywin32
wx wxPython
Xlib python-xlib
yaml PyYAML
zmq pyzmq
"""
_PACKAGES: Final = MappingProxyType(dict(line.split(" ") for line in _TABLE.strip().splitlines()))
_WORDS_MAX: Final = 4  # of a name in the table


def packages_of(module: str, names: Sequence[str] = ()) -> list[str]:
    """The packages of `import module`, or of `from module import names`, whose names may be modules
    of different packages; none of what needs no package.
    """
    if module.partition(".")[0] in OWN:
        return []
    if not names:
        return [_package(module.split("."))]
    return list(dict.fromkeys(_package([*module.split("."), name]) for name in names))


def _package(words: list[str]) -> str:
    for count in range(min(len(words), _WORDS_MAX), 0, -1):
        found = _PACKAGES.get(".".join(words[:count]))
        if found is not None:
            return found
    parts = 3 if words[0] == "azure" or words[:2] == ["google", "cloud"] else 1
    return "-".join(words[:parts])
